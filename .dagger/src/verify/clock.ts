import { setTimeout as after } from "node:timers/promises";

/** Time, so that tests can own it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Settles after `ms`, or as soon as `signal` is aborted: look at the signal to tell which. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await after(ms, undefined, { signal }).catch(() => undefined);
  },
};

/** Whether `work` came first, or the time ran out (or `signal` was aborted). `work` goes on regardless. */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: Promise<T>,
): Promise<{ value: T } | undefined> {
  const done = new AbortController();
  const ended = clock
    .sleep(ms, AbortSignal.any([signal, done.signal]))
    .then((): undefined => undefined);
  work.catch(() => undefined);
  try {
    return await Promise.race([work.then((value) => ({ value })), ended]);
  } finally {
    done.abort();
  }
}
