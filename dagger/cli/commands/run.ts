import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import { SluiceError } from "../../core/error.ts";
import type { Context } from "../context.ts";
import { withSession } from "../engine/bench.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandRun } from "./command.ts";

const defaultGraceMs = 10_000;

/** `sluice run <command>…` */
export const run: CommandRun = async ({ context, values, args }) => {
  const [program] = args;
  if (program === undefined)
    throw new UsageError("requires at least 1 arg(s), only received 0", "sluice run");
  return runInSession(context, args, graceOf(values.get("cleanup-timeout")?.at(-1)));
};

/**
 * Runs a program with a session of its own; answers its exit code. The program keeps the terminal;
 * after an interrupt it has `graceMs` to end before it is killed.
 */
export async function runInSession(
  context: Context,
  [program = "", ...args]: readonly string[],
  graceMs = defaultGraceMs,
): Promise<number> {
  // A live view and the program would write over each other.
  const mode = context.options.progress === "auto" ? "plain" : context.options.progress;
  return withSession(
    context,
    async ({ open }) => {
      const env = {
        ...context.env,
        DAGGER_SESSION_PORT: String(open.server.port),
        DAGGER_SESSION_TOKEN: open.server.admit(open.caller),
      };
      const child = spawn(program, args, { stdio: "inherit", cwd: context.cwd, env });
      const ended = exitOf(child, program);
      open.session.onClose(() => endProgram(child, ended, graceMs));
      return ended;
    },
    { mode },
  );
}

function exitOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      const message = `can't run ${program}: ${cause.message}`;
      reject(new SluiceError("PROGRAM_NOT_STARTED", message, { cause }));
    });
    child.once("exit", (code, signal) => {
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0));
    });
  });
}

/** The session ends before its program only when the run was interrupted. */
async function endProgram(
  child: ChildProcess,
  ended: Promise<number>,
  graceMs: number,
): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), graceMs);
  await ended;
  clearTimeout(kill);
}

function graceOf(text: string | undefined): number {
  if (text === undefined) return defaultGraceMs;
  const [, amount, unit = "s"] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  if (amount === undefined)
    throw new UsageError(
      `invalid argument ${JSON.stringify(text)} for "--cleanup-timeout" flag: expected a duration such as 10s`,
    );
  return Number(amount) * ({ ms: 1, s: 1000, m: 60_000 }[unit] ?? 1000);
}
