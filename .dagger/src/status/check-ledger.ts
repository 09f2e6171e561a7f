import { SluiceError } from "../error.ts";
import type { Release } from "../release.ts";

/**
 * Reads every record of the ledger. Answers a line that says how much there is.
 *
 * @throws SluiceError `LEDGER_BROKEN` with everything that is wrong
 */
export async function checkLedger({ ledger }: Pick<Release, "ledger">): Promise<string> {
  const streams = await ledger.streams();
  const lines: string[] = [];
  // One after the other: each is read with many requests at once.
  for (const stream of streams) {
    for (const { reason } of await ledger.check(stream)) lines.push(reason);
  }
  const [first, ...others] = lines;
  if (first === undefined) {
    return `${streams.length} ${streams.length === 1 ? "stream" : "streams"}, every record in its place\n`;
  }
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new SluiceError("LEDGER_BROKEN", `${first}${more}`, {
    detail: others.map((line) => `  ${line}`).join("\n"),
    hint: "find out who writes to the ledger's repository; restore what is gone from a backup of it",
  });
}
