import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";

/** This checkout. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));
const launcher = `${root}bin/sluice.mjs`;

/** The engine under test: a real one, or, for its times and what it does otherwise, the embedded one. */
export const onDagger = process.env.SLUICE_TEST_ON !== "embedded";

/** How a command ended. */
export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** Where and with what a command runs. */
export interface RunOptions {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
}

/** Runs a program; a failure is an outcome, too. */
export function run(
  program: string,
  args: readonly string[],
  { cwd = root, env = {} }: RunOptions = {},
): Promise<Ran> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      args,
      { cwd, env: { ...process.env, NO_COLOR: "1", ...env }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        resolve({ code: error ? (child.exitCode ?? 1) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

/** What a command prints; fails the test, with what it said, unless it exits 0. */
export async function printed(ran: Promise<Ran>): Promise<string> {
  const { code, stdout, stderr } = await ran;
  if (code !== 0) throw new Error(`exited ${code}:\n${stderr.slice(-4000)}`);
  return stdout;
}

/** The launcher's command line, for an engine: by default the one under test. */
export function command(
  args: readonly string[],
  engine = onDagger ? "dagger" : "embedded",
): [string, string[]] {
  return [process.execPath, [launcher, "--engine", engine, ...args]];
}

/** Runs the launcher, on the engine under test. */
export function sluice(args: readonly string[], options?: RunOptions): Promise<Ran> {
  return run(...command(args), options);
}

/** Runs Dagger's own command line; on the embedded engine the launcher, which takes the same words. */
export function dagger(args: readonly string[], options?: RunOptions): Promise<Ran> {
  return onDagger ? run("dagger", args, options) : sluice(args, options);
}
