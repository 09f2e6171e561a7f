import { mkdir, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { applyChangeset } from "../call/changeset.ts";
import { formatResult } from "../call/output.ts";
import { runChain, type Outcome } from "../call/run-chain.ts";
import { write, type Context } from "../context.ts";
import { withModule, type ModuleBench } from "../engine/with-module.ts";
import { exitCode } from "../exit-code.ts";
import { readChain, type Chain, type Step } from "../grammar/chain.ts";
import { isOn, type Flag } from "../grammar/flags.ts";
import type { ValueType } from "../grammar/model.ts";
import { functionHelp } from "../help/function-help.ts";
import { globalFlags } from "../options.ts";
import type { CommandRun } from "./command.ts";
import { resultFlags } from "./index.ts";

const options: readonly Flag[] = [...resultFlags, ...globalFlags];

/** `sluice call` */
export const run: CommandRun = async ({ context, args }) =>
  withModule(context, async (bench) => {
    const { grammar } = bench;
    if (context.options.help) {
      const asked = args.filter((word) => word !== "--help" && word !== "-h");
      const { steps, command } = readChain(grammar, asked, options, { forHelp: true });
      const { fn } = steps.at(-1) as Step;
      await write(context.out, functionHelp(context.out.page, grammar, fn, { command, options }));
      return exitCode.ok;
    }
    const chain = readChain(grammar, withImplied(bench, args), options);
    if (chain.steps.length === 1) {
      // What Dagger's command line prints when there is nothing to run.
      await write(context.out, "Query\n");
      await write(context.err, "No function given: `sluice functions` lists them.\n");
      return exitCode.ok;
    }
    const output = chain.options.get("output")?.at(-1);
    const path = output === undefined ? undefined : resolve(context.cwd, output);
    const outcome = await runChain(grammar, chain, bench.query, path);
    return present(context, bench, chain, outcome, path);
  });

/** The user's own value counts more than the implied one. */
function withImplied({ implied }: ModuleBench, args: readonly string[]): string[] {
  const [flag] = implied;
  const given = args.some((word) => word === flag || word.startsWith(`${flag ?? ""}=`));
  return given ? [...args] : [...implied, ...args];
}

/** Prints, saves or applies a result. */
async function present(
  context: Context,
  bench: ModuleBench,
  chain: Chain,
  { value, leaf }: Outcome,
  output: string | undefined,
): Promise<number> {
  const { fn } = chain.steps.at(-1) as Step;
  if (leaf.kind === "export") {
    await write(context.err, `Saved to ${JSON.stringify(value)}.\n`);
    return exitCode.ok;
  }
  if (isChangeset(fn.returns) && output === undefined) {
    const ids = idsIn(value);
    const autoApply = context.options.autoApply || isOn({ values: chain.options }, "auto-apply");
    return applyChangeset(context, bench, ids, { autoApply, target: bench.project });
  }
  const text = formatResult(value, fn.returns, { json: isOn({ values: chain.options }, "json") });
  if (output !== undefined && fn.returns.kind !== "void") {
    await mkdir(dirname(output), { recursive: true });
    await writeFile(output, text);
    await write(context.err, `Saved output to ${JSON.stringify(output)}.\n`);
  }
  bench.view.stop();
  const onTerminal = context.out.stream.isTTY && text !== "" && !text.endsWith("\n");
  await write(context.out, onTerminal ? `${text}\n` : text);
  return exitCode.ok;
}

/** The id of an object; of objects in a list, each with its id selected, all of them. */
function idsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(idsIn) : [];
}

const isChangeset = (type: ValueType): boolean =>
  type.kind === "list" ? isChangeset(type.of) : type.kind === "object" && type.name === "Changeset";
