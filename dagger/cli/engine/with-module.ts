import type { Context } from "../context.ts";
import type { Grammar } from "../grammar/model.ts";
import type { ModuleDef } from "../../modules/typedefs.ts";
import { withSession, type Bench } from "./bench.ts";
import { locateModule } from "./locate-module.ts";

/** A session with a module loaded into it. */
export interface ModuleBench extends Bench {
  module: ModuleDef;
  grammar: Grammar;
  /** The directory whose files a module reads and changes. */
  project: string;
  /** Flags to put before those given: where the user's project is, when the module is elsewhere. */
  implied: string[];
}

/** Runs `work` with the module that the command is about. */
export async function withModule<T>(
  context: Context,
  work: (bench: ModuleBench) => Promise<T>,
): Promise<T> {
  const { dir, project } = locateModule(context.cwd, context.options.mod);
  return withSession(context, async (bench) => {
    const [{ loadModule }, { moduleGrammar }] = await Promise.all([
      import("../../modules/load.ts"),
      import("../grammar/module-grammar.ts"),
    ]);
    const module = await loadModule(bench.open, dir);
    const grammar = moduleGrammar(module, bench.open.api.schema);
    const takesSource = grammar.main.args.some((arg) => arg.flag === "source");
    const implied = project !== undefined && takesSource ? ["--source", project] : [];
    return work({ ...bench, module, grammar, implied, project: project ?? context.cwd });
  });
}
