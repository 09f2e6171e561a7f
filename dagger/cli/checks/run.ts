import type { Query, Selection } from "../call/query.ts";
import { document, leafOf, pick, sourceOf } from "../call/query.ts";
import { SluiceError } from "../../core/error.ts";
import { readChain } from "../grammar/chain.ts";
import type { ModuleBench } from "../engine/with-module.ts";
import type { Found } from "./find.ts";

/** Selections that construct the module, for everything that is then asked of it. */
export async function constructed(bench: ModuleBench): Promise<Selection> {
  const { grammar, implied, query } = bench;
  const { steps } = readChain(grammar, implied, []);
  const args = (steps[0]?.args ?? []).map(async ({ arg, value }) => ({
    name: arg.name,
    text: await sourceOf(value, query),
  }));
  return { field: grammar.main.name, args: await Promise.all(args) };
}

/**
 * Runs a check: it passes unless it throws. What it answers is synced, so a container's commands
 * run; a generator passes when it would change nothing.
 */
export async function runCheck(bench: ModuleBench, main: Selection, check: Found): Promise<void> {
  const last = await evaluate(bench, main, check);
  if (!check.fn.isGenerator || check.fn.isCheck || typeof last !== "string") return;
  if (await isEmpty(bench.query, last)) return;
  throw new SluiceError(
    "GENERATED_FILES_DIFFER",
    `generate function ${check.name} produced changes; run 'sluice generate ${check.name}' to apply`,
  );
}

/** The value at the end; an object's id. */
export async function evaluate(
  { grammar, query }: ModuleBench,
  main: Selection,
  { path, fn }: Found,
): Promise<unknown> {
  const selections = [main, ...path.map((field) => ({ field, args: [] }))];
  const type = fn.returns;
  if (type.kind === "OBJECT" || type.kind === "INTERFACE") {
    const leaf = leafOf(grammar, { kind: "object", name: type.name }, undefined);
    if (leaf.kind !== "value") selections.push(leaf.selection);
  }
  return pick(await query(document(selections)), selections);
}

async function isEmpty(query: Query, id: string): Promise<boolean> {
  const data = await query(`{ node(id: ${JSON.stringify(id)}) { ... on Changeset { isEmpty } } }`);
  return (data as { node: { isEmpty: boolean } }).node.isEmpty;
}
