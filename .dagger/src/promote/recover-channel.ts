import type { Release } from "../release.ts";
import { readChannel } from "../status/channel.ts";
import type { Change } from "./change.ts";
import { Journal } from "./journal.ts";
import { recover } from "./recover.ts";
import { underLock } from "./under-lock.ts";

/**
 * Undoes, or records as finished, what a run left behind that was cut off. Answers what it did;
 * undefined when there was nothing.
 */
export function recoverChannel(
  release: Release,
  wanted: Pick<Change, "channel" | "command" | "waitMs">,
  onProgress: (line: string) => void,
): Promise<string | undefined> {
  return underLock(release, { ...wanted, reason: "recovery" }, onProgress, async (lock) => {
    const { head, interrupted } = await readChannel(release.ledger, wanted.channel.name);
    if (!interrupted) return undefined;
    return recover(release, interrupted, new Journal(release, head), () => lock.confirm());
  });
}
