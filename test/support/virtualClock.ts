import type { Clock } from "../../.dagger/src/verify/clock.ts";

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that moves on to the next sleeper as soon as nothing else is left to do. */
export function virtualClock(start = Date.UTC(2026, 0, 2, 3, 4, 5)): Clock {
  const sleepers = new Set<Sleeper>();
  let now = start;
  let due: NodeJS.Immediate | undefined;
  const schedule = (): void => {
    due ??= setImmediate(() => {
      due = undefined;
      const [next] = [...sleepers].sort((one, other) => one.at - other.at);
      if (!next) return;
      now = Math.max(now, next.at);
      next.wake();
      schedule();
    });
  };
  return {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const sleeper = {
          // Like the machine's own, it knows whole milliseconds only.
          at: Math.ceil(now + ms),
          wake: () => {
            sleepers.delete(sleeper);
            signal.removeEventListener("abort", sleeper.wake);
            resolve();
          },
        };
        if (signal.aborted) return resolve();
        sleepers.add(sleeper);
        signal.addEventListener("abort", sleeper.wake, { once: true });
        schedule();
      }),
  };
}
