import { firstLine } from "../../error.ts";
import { type Clock, within } from "../../verify/clock.ts";
import type { Flyctl } from "./flyctl.ts";

const PATIENCE_MS = 30_000;

/**
 * The last lines of an app's logs. Where there are none yet, flyctl waits for the first one without
 * end; it is not waited for. Never fails: logs are evidence of something else.
 */
export async function lastLogs(flyctl: Flyctl, app: string, clock: Clock): Promise<string> {
  const never = new AbortController().signal;
  try {
    const read = flyctl.run(["logs", "--app", app, "--no-tail"]);
    const ran = (await within(clock, PATIENCE_MS, never, read))?.value;
    if (!ran) return `(no log lines of app ${app} within ${PATIENCE_MS / 1000} s)\n`;
    const { code, stdout, said } = ran;
    return code === 0 ? stdout : `(flyctl logs ended with exit code ${code})\n${said}`;
  } catch (error) {
    return `(flyctl logs can't be run: ${firstLine(error)})\n`;
  }
}
