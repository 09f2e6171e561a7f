import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { engineCommand, withoutSession } from "./session.ts";

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

const modules = fileURLToPath(new URL("../conformance/fixtures/modules/", import.meta.url));

/** The directory of a fixture module. */
export const fixture = (name: string): string => modules + name;

/** Runs the launcher (or `dagger`) in `cwd` and answers how it ended; a failure is an outcome too. */
export async function launch(
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const [command, ...first] = engineCommand();
  return new Promise((resolve) => {
    const child = execFile(
      command,
      [...first, ...args],
      {
        cwd: options.cwd,
        env: { ...withoutSession(process.env), NO_COLOR: "1", ...options.env },
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        resolve({ code: error ? (child.exitCode ?? 1) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

/** `call -m <fixture> …`; fails the test, with what the launcher said, unless it exits 0. */
export async function call(module: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await launch(["call", "-m", fixture(module), ...args]);
  if (code !== 0) throw new Error(`call ${args.join(" ")} exited ${code}:\n${stderr}`);
  return stdout.replace(/\n$/, "");
}

/** The same for calls that must fail: answers what was printed. */
export async function callFailing(module: string, ...args: string[]): Promise<Outcome> {
  const outcome = await launch(["call", "-m", fixture(module), ...args]);
  if (outcome.code === 0) throw new Error(`call ${args.join(" ")} succeeded: ${outcome.stdout}`);
  return outcome;
}
