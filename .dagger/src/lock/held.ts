import { SluiceError } from "../error.ts";
import type { LockClock } from "./clock.ts";
import { type LockRemote, unavailable } from "./remote.ts";
import { describeLock } from "./state.ts";

/** How long a confirmation is good for. */
const FRESH_MS = 2000;

/** A lock that is ours, as far as we know. */
export class HeldLock {
  #confirmed: Moment;

  /** @param since when the remote was asked for it */
  constructor(
    private readonly remote: LockRemote,
    private readonly clock: LockClock,
    readonly name: string,
    /** Unique to this taking of the lock. */
    readonly claim: string,
    private readonly object: string,
    since: Moment,
  ) {
    this.#confirmed = since;
  }

  /**
   * To be called before each write: makes sure that the lock is still ours. The remote is asked if
   * that was last seen more than 2 s ago.
   *
   * @throws SluiceError `LOCK_LOST` with who has it now; `LOCK_UNAVAILABLE`. Nothing may be written then.
   */
  async confirm(): Promise<void> {
    const now = momentOf(this.clock);
    if (isFresh(this.#confirmed, now)) return;
    const object = await this.remote.object(this.name);
    if (object !== this.object) throw await this.#lost(object);
    this.#confirmed = now;
  }

  /**
   * Lets go of it. A lock that somebody broke or took over is left as it is.
   *
   * @throws SluiceError `LOCK_UNAVAILABLE`: it may still be there
   */
  async release(): Promise<void> {
    const pushed = await this.remote.remove(this.name, this.object);
    switch (pushed.outcome) {
      case "done":
      case "moved":
        return;
      case "refused":
        throw this.#kept(new Error(`${this.remote.url} refuses to remove it: ${pushed.why}`));
      case "unreachable":
        throw this.#kept(pushed.error);
    }
  }

  async #lost(object: string | undefined): Promise<SluiceError> {
    const state = object && (await this.remote.state(this.name, this.clock.now()));
    const who = state ? `it is now held by ${describeLock(state)}` : "nobody holds it now";
    return new SluiceError(
      "LOCK_LOST",
      `lock ${this.name} is no longer ours, so nothing more is written: ${who}`,
      { hint: "look at what was done meanwhile (status), and run the command again" },
    );
  }

  #kept(cause: unknown): SluiceError {
    const { reason } = unavailable(this.name, cause);
    return new SluiceError("LOCK_UNAVAILABLE", `${reason}; it may still be held by this run`, {
      cause,
      hint: `once the remote answers: sluice call unlock --channel ${this.name} --claim ${this.claim}`,
    });
  }
}

/** A moment by two clocks: one may be set back, the other stands still while the machine sleeps. */
interface Moment {
  wall: number;
  monotonic: number;
}

/** Now, by both clocks. */
export function momentOf(clock: LockClock): Moment {
  return { wall: clock.now(), monotonic: clock.monotonic() };
}

function isFresh(then: Moment, now: Moment): boolean {
  const [wall, monotonic] = [now.wall - then.wall, now.monotonic - then.monotonic];
  return wall >= 0 && wall < FRESH_MS && monotonic < FRESH_MS;
}
