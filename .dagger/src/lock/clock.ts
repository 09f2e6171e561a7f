import { type Clock, systemClock } from "../verify/clock.ts";

/** Time as a lock needs it. */
export interface LockClock extends Clock {
  /** Milliseconds that nobody sets back. */
  monotonic(): number;
}

/** The machine's own clocks. */
export const systemLockClock: LockClock = { ...systemClock, monotonic: () => performance.now() };
