import { outputOf, write } from "./context.ts";
import { asksVersion, dispatch, type Surroundings } from "./dispatch.ts";
import { exitCode } from "./exit-code.ts";
import { Interrupted, signalExitCode } from "./interrupt.ts";
import { sluicePackage } from "./package-root.ts";

/** Runs the launcher on this process's arguments and ends the process with the exit code. */
export async function main(): Promise<never> {
  const { env } = process;
  const err = outputOf(process.stderr, env);
  const out = outputOf(process.stdout, env);
  const told = { failure: false };
  const around: Surroundings = { cwd: process.cwd(), env, out, err, told };
  for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);
  // Node would print the line of the bundle that threw, which is most of the bundle.
  process.on("uncaughtException", (error) => {
    process.stderr.write(`Error: ${error.stack ?? error.message}\n`);
    process.exit(exitCode.failed);
  });
  const code = await run(process.argv.slice(2), around);
  // Idle connections to the daemon must not keep a finished run alive.
  process.exit(code);
}

async function run(argv: string[], around: Surroundings): Promise<number> {
  try {
    if (asksVersion(argv)) {
      await write(around.out, `sluice ${sluicePackage().version}\n`);
      return exitCode.ok;
    }
    return await dispatch(argv, around);
  } catch (error) {
    if (error instanceof Interrupted) return signalExitCode(error.signal);
    const { exitCodeOf, renderError } = await import("./render-error.ts");
    await write(
      around.err,
      renderError(error, { colors: around.err.colors, outputShown: around.told.failure }),
    );
    return exitCodeOf(error);
  }
}

function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
