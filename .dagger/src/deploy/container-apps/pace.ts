import { systemClock, type Clock } from "../../verify/clock.ts";

/** How Azure is waited for. */
export interface Pace {
  clock: Clock;
  /** First pause between two looks; milliseconds. Later ones are longer, up to five times that. */
  pollMs: number;
  /** How long a revision may be unhealthy before it is given up; milliseconds. */
  settleMs: number;
}

/** A container that is slow to start fails its first probes, and then gets healthy. */
export const usualPace: Pace = { clock: systemClock, pollMs: 2000, settleMs: 30_000 };

const GROWTH = 1.3;
const LONGEST = 5;

/**
 * Looks until there is something to see, or the time is over, or `signal` is aborted.
 *
 * @param look answers undefined to be asked again
 * @returns undefined when it was not to be seen in time
 */
export async function lookUntil<T>(
  { clock, pollMs }: Pace,
  deadline: number,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  for (let pause = pollMs; ; pause = Math.min(pause * GROWTH, pollMs * LONGEST)) {
    const seen = await look();
    const left = deadline - clock.now();
    if (seen !== undefined || left <= 0 || signal.aborted) return seen;
    await clock.sleep(Math.min(pause, left), signal);
  }
}
