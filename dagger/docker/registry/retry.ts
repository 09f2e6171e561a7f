import { setTimeout as sleep } from "node:timers/promises";

const ATTEMPTS = 4;
const FIRST_PAUSE_MS = 200;
/** A registry that asks for a longer pause than this is given up on. */
const LONGEST_PAUSE_MS = 60_000;

/** Worth another attempt; `afterMs` when the registry says how long to wait. */
export class Retryable extends Error {
  constructor(
    override readonly cause: Error,
    readonly afterMs?: number,
  ) {
    super(cause.message);
  }
}

/** Repeats `attempt` while it throws {@link Retryable}; then throws the last cause. */
export async function retrying<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Retryable)) throw error;
      signal.throwIfAborted();
      const pause = error.afterMs ?? FIRST_PAUSE_MS * 2 ** (count - 1);
      if (count === ATTEMPTS || pause > LONGEST_PAUSE_MS) throw error.cause;
      await sleep(pause, undefined, { signal });
    }
  }
}

/** `Retry-After` in ms: seconds, or a date. */
export function retryAfterMs(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
