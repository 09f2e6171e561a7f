import { SluiceError } from "../../core/error.ts";
import { CallError } from "../call/call-error.ts";
import { withChecks, type CheckBench } from "../checks/bench.ts";
import { matches, type Found } from "../checks/find.ts";
import { runCheck } from "../checks/run.ts";
import { write, type Context } from "../context.ts";
import { formatDuration } from "../duration.ts";
import { exitCode } from "../exit-code.ts";
import { isOn } from "../grammar/flags.ts";
import { columns, firstLine } from "../help/layout.ts";
import { rootCause } from "../render-error.ts";
import { UsageError, withSuggestions } from "../usage-error.ts";
import type { CommandRun } from "./command.ts";

/** `sluice check [pattern]…` */
export const run: CommandRun = async ({ context, values, args }) =>
  withChecks(context, async (bench) => {
    const on = (name: string) => isOn({ values }, name);
    if (on("generate") && on("no-generate"))
      throw new UsageError("--generate and --no-generate exclude each other", "sluice check");
    const wanted = (fn: { isCheck: boolean; isGenerator: boolean }) =>
      (fn.isCheck && !on("generate")) || (fn.isGenerator && !on("no-generate"));
    const known = bench.functions.filter(wanted);
    const checks = chosen(known, args, "check");
    if (on("list")) return listFunctions(context, checks);
    return runChecks(context, bench, checks, on("failfast"));
  });

/** Those that a pattern matches; all without patterns. Throws UsageError when that is none. */
export function chosen(
  known: readonly Found[],
  patterns: readonly string[],
  command: string,
): Found[] {
  const found = known.filter((item) => matches(item, patterns));
  if (patterns.length === 0 || found.length > 0) return found;
  const names = known.map(({ name }) => name);
  const what = command === "generate" ? "generator" : command;
  const message = `no ${what} matches ${patterns.join(" ")}`;
  throw new UsageError(withSuggestions(message, patterns[0] ?? "", names), `sluice ${command}`);
}

/** `--list`: name and first line of each. */
export async function listFunctions(context: Context, found: readonly Found[]): Promise<number> {
  const rows = found.map(({ name, description }) => [name, firstLine(description)] as const);
  const page = { ...context.out.page, width: Infinity };
  const [head = "", ...body] = columns(page, [["Name", "Description"], ...rows]);
  const lines = [page.bold(head.slice(2)), ...body.map((line) => line.slice(2))];
  await write(context.out, lines.join("\n") + "\n");
  return exitCode.ok;
}

async function runChecks(
  context: Context,
  bench: CheckBench,
  checks: readonly Found[],
  failFast: boolean,
): Promise<number> {
  const { colors } = context.out;
  const main = await bench.main();
  const lines: string[] = [];
  let failed = 0;
  const runOne = async (check: Found) => {
    const started = Date.now();
    const tell = (mark: string, reason = "") => {
      const time = colors.dim(formatDuration(Date.now() - started));
      lines.push(`${mark} ${check.name} ${time}${reason}`);
    };
    try {
      await runCheck(bench.query, main, check);
      tell(colors.green("✔"), colors.green(" OK"));
    } catch (error) {
      failed++;
      tell(colors.red("✘"), `${colors.red(" ERROR")}  ${reasonOf(error)}`);
      if (failFast) throw error;
    }
  };
  try {
    await Promise.all(checks.map(runOne));
  } finally {
    bench.view.stop();
    await write(context.out, lines.map((line) => `${line}\n`).join(""));
  }
  if (failed > 0)
    throw new SluiceError("CHECKS_FAILED", `${failed} of ${checks.length} checks failed`);
  if (checks.length === 0) await write(context.err, "No checks found.\n");
  return exitCode.ok;
}

/** One line: what failed, and the last thing a failed command said. */
function reasonOf(error: unknown): string {
  const [reason = ""] = rootCause(error).split("\n");
  const said =
    error instanceof CallError ? error.exec?.stderr.trim().split("\n").at(-1) : undefined;
  return said ? `${reason}: ${said}` : reason;
}
