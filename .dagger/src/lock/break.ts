import { SluiceError } from "../error.ts";
import { type LockClock, systemLockClock } from "./clock.ts";
import { type LockRemote, unavailable } from "./remote.ts";
import { describeLock, type LockState } from "./state.ts";

/** Who has a lock; undefined while nobody has it. Throws `LOCK_UNAVAILABLE`. */
export function readLock(
  remote: LockRemote,
  name: string,
  clock: LockClock = systemLockClock,
): Promise<LockState | undefined> {
  return remote.state(name, clock.now());
}

/**
 * Takes a lock away from who has it, if it is still the very one that was seen. Whoever held it
 * notices before its next write.
 *
 * @param claim of the lock that was seen
 * @returns the lock that was broken
 * @throws SluiceError `LOCK_FREE`, `LOCK_CHANGED` with who has it now, `LOCK_UNAVAILABLE`
 */
export async function breakLock(
  remote: LockRemote,
  { name, claim }: { name: string; claim: string },
): Promise<LockState> {
  const lock = await readLock(remote, name);
  if (lock === undefined) {
    throw new SluiceError("LOCK_FREE", `nobody holds lock ${name}`, {
      hint: "there is nothing to break: run your command",
    });
  }
  if (lock.claim !== claim) throw changed(lock, claim);
  const pushed = await remote.remove(name, lock.object);
  switch (pushed.outcome) {
    case "done":
      return lock;
    case "moved":
      return breakLock(remote, { name, claim });
    case "refused":
      throw unavailable(name, new Error(`${remote.url} refuses to remove it: ${pushed.why}`));
    case "unreachable":
      throw unavailable(name, pushed.error);
  }
}

function changed(lock: LockState, claim: string): SluiceError {
  return new SluiceError(
    "LOCK_CHANGED",
    `lock ${lock.name} is not the one with claim ${claim}: it is held by ${describeLock(lock)}`,
    { hint: `if that one is to be broken, give its claim: ${lock.claim}` },
  );
}
