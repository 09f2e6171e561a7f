import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** The launcher of this checkout. */
export const sluice = fileURLToPath(new URL("../bin/sluice.mjs", import.meta.url));
/** The root of this checkout. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command to its end; a failing one ends the benchmark with what it said. */
export function command(
  file: string,
  args: string[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString());
      else
        reject(
          new Error(
            `${file} ${args.join(" ")} exited with ${code ?? "a signal"}:\n${Buffer.concat(err).toString()}`,
          ),
        );
    });
  });
}
