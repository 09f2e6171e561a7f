import type { Release } from "../release.ts";
import type { Change } from "./change.ts";
import { type ChannelLock, lockChannel } from "./channel-lock.ts";
import { type Interruption, uninterrupted } from "./uninterrupted.ts";

/**
 * Does work while this run holds a channel's lock. When the process is asked to end meanwhile, the
 * work comes to a sound end first, and the lock is given back.
 */
export function underLock<T>(
  release: Release,
  wanted: Pick<Change, "channel" | "command" | "waitMs" | "reason">,
  onProgress: (line: string) => void,
  work: (lock: ChannelLock, interruption: Interruption) => Promise<T>,
): Promise<T> {
  return uninterrupted(
    async (interruption) => {
      try {
        const lock = await lockChannel(release, wanted, onProgress, interruption.asked);
        try {
          return await work(lock, interruption);
        } finally {
          await lock.release();
        }
      } catch (error) {
        // Whoever asked to stop hears nothing but progress.
        if (interruption.asked.aborted && error instanceof Error) onProgress(error.message);
        throw error;
      }
    },
    () => onProgress("asked to stop: tags that move are all moved, or all put back, first"),
  );
}
