import { once } from "node:events";
import { write } from "../context.ts";
import { withSession } from "../engine/bench.ts";
import { exitCode } from "../exit-code.ts";
import { UsageError } from "../usage-error.ts";
import type { CommandRun } from "./command.ts";
import { runInSession } from "./run.ts";

/** `sluice session`: prints one JSON line and serves until standard input closes. */
export const run: CommandRun = async ({ context, values, args }) => {
  if (args.length > 0) return runInSession(context, args);
  const port = portOf(values.get("port")?.at(-1));
  return withSession(
    context,
    async ({ open }) => {
      const token = open.server.admit(open.caller);
      const parameters = { port: open.server.port, session_token: token };
      await write(context.out, `${JSON.stringify(parameters)}\n`);
      process.stdin.resume();
      // A pipe that breaks closes without an end; a file ends and stays open.
      await Promise.race([once(process.stdin, "end"), once(process.stdin, "close")]);
      return exitCode.ok;
    },
    { port },
  );
};

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new UsageError(
    `invalid argument ${JSON.stringify(text)} for "--port" flag: expected 0 to 65535`,
    "sluice session",
  );
}
