import { applyChangeset } from "../call/changeset.ts";
import { withChecks } from "../checks/bench.ts";
import { evaluate } from "../checks/run.ts";
import { isOn } from "../grammar/flags.ts";
import { chosen, listFunctions } from "./check.ts";
import type { CommandRun } from "./command.ts";

/** `sluice generate [pattern]…`: all generators at once, their changes merged and applied. */
export const run: CommandRun = async ({ context, values, args }) =>
  withChecks(context, async (bench) => {
    const known = bench.functions.filter(({ isGenerator }) => isGenerator);
    const generators = chosen(known, args, "generate");
    if (isOn({ values }, "list")) return listFunctions(context, generators);
    const main = await bench.main();
    const results = await Promise.all(generators.map((item) => evaluate(bench.query, main, item)));
    const ids = results.filter((id) => typeof id === "string");
    const { autoApply } = context.options;
    return applyChangeset(context, bench, ids, { autoApply, target: bench.project });
  });
