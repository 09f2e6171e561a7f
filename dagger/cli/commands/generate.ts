import { applyChangeset } from "../call/changeset.ts";
import { findFunctions } from "../checks/find.ts";
import { constructed, evaluate } from "../checks/run.ts";
import { withModule } from "../engine/with-module.ts";
import { isOn } from "../grammar/flags.ts";
import { UsageError, withSuggestions } from "../usage-error.ts";
import { listFunctions } from "./check.ts";
import type { CommandRun } from "./command.ts";

/** `sluice generate [pattern]…`: all generators at once, their changes merged and applied. */
export const run: CommandRun = async ({ context, values, args }) =>
  withModule(context, async (bench) => {
    const generators = findFunctions(bench.module, (fn) => fn.isGenerator, args);
    if (args.length > 0 && generators.length === 0) {
      const names = findFunctions(bench.module, (fn) => fn.isGenerator).map(({ name }) => name);
      const message = `no generator matches ${args.join(" ")}`;
      throw new UsageError(withSuggestions(message, args[0] ?? "", names), "sluice generate");
    }
    if (isOn({ values }, "list")) return listFunctions(context, generators);
    const main = await constructed(bench);
    const results = await Promise.all(generators.map((item) => evaluate(bench, main, item)));
    const ids = results.filter((id) => typeof id === "string");
    const { autoApply } = context.options;
    return applyChangeset(context, bench, ids, { autoApply, target: bench.project });
  });
