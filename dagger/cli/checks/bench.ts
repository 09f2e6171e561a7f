import { sourceOf, type Query, type Selection } from "../call/query.ts";
import type { Context } from "../context.ts";
import { withOwnModule } from "../engine/own-on-dagger.ts";
import { withModule, type ModuleBench } from "../engine/with-module.ts";
import { readChain } from "../grammar/chain.ts";
import type { ProgressView } from "../progress/view.ts";
import { findFunctions, type Found } from "./find.ts";

/** A session in which a module's checks and generators can be run, on whatever engine. */
export interface CheckBench {
  query: Query;
  view: ProgressView;
  /** The directory whose files the module reads and changes. */
  project: string;
  /** Every check and generator there is. */
  functions: readonly Found[];
  /** Selection that constructs the module, for everything that is then asked of it. */
  main: () => Promise<Selection>;
}

/** Runs `work` with the checks and generators of the module that the command is about. */
export function withChecks<T>(
  context: Context,
  work: (bench: CheckBench) => Promise<T>,
): Promise<T> {
  if (context.dagger !== undefined) return withOwnModule(context, context.dagger, work);
  return withModule(context, (bench) => {
    const functions = findFunctions(bench.module, bench.grammar);
    return work({ ...bench, functions, main: () => constructed(bench) });
  });
}

async function constructed({ grammar, implied, query }: ModuleBench): Promise<Selection> {
  const { steps } = readChain(grammar, implied, []);
  const args = (steps[0]?.args ?? []).map(async ({ arg, value }) => ({
    name: arg.name,
    text: await sourceOf(value, query),
  }));
  return { field: grammar.main.name, args: await Promise.all(args) };
}
