import { firstLine } from "../error.ts";
import { acquireLock, lockHeld } from "../lock/acquire.ts";
import { readLock } from "../lock/break.ts";
import { LockRemote } from "../lock/remote.ts";
import type { Release } from "../release.ts";
import type { Change } from "./change.ts";

/** A channel's lock, as far as whoever writes needs it. */
export interface ChannelLock {
  /** What people should know about it. */
  readonly notes: readonly string[];
  /** Throws `LOCK_LOST` when another run has taken over. */
  confirm(): Promise<void>;
  /** Gives it back; says so where that fails. */
  release(): Promise<void>;
}

/**
 * Locks a channel on the git remote, against every other machine. Without a remote there is nothing
 * that machines share and that could lock: then it says so, and goes on.
 */
export async function lockChannel(
  release: Release,
  { channel, command, reason, waitMs }: Pick<Change, "channel" | "command" | "reason" | "waitMs">,
  onProgress: (line: string) => void,
  signal: AbortSignal,
): Promise<ChannelLock> {
  const remote = await release.remote();
  if (!remote) {
    const note = "not locked: the source has no git remote, so nothing keeps other machines out";
    onProgress(note);
    const nothing = () => Promise.resolve();
    return { notes: [note], confirm: nothing, release: nothing };
  }
  const lock = await acquireLock(new LockRemote(remote), {
    name: channel.name,
    holder: release.operator,
    reason: reason ?? "",
    ...{ command, waitMs, onProgress, signal },
  });
  return {
    notes: [],
    confirm: () => lock.confirm(),
    release: () =>
      lock.release().catch((error: unknown) => {
        onProgress(`the lock of ${channel.name} is still there: ${firstLine(error)}`);
      }),
  };
}

/**
 * Refuses before the long work what the lock would refuse after it.
 *
 * @throws SluiceError `LOCK_HELD` when somebody has the lock, and is not to be waited for
 */
export async function refuseLocked(
  release: Release,
  channel: string,
  waitMs: number,
): Promise<void> {
  const remote = await release.remote();
  const lock = remote && (await readLock(new LockRemote(remote), channel));
  if (lock && (lock.kind === "manual" || waitMs === 0)) throw lockHeld(lock);
}
