import { setTimeout as after } from "node:timers/promises";
import { RegistryError } from "../failure.ts";

/** When to ask again. */
export interface RetryPolicy {
  /** Including the first; default 4. */
  attempts?: number;
  /** For all attempts and pauses together; default 60 seconds. */
  deadlineMs?: number;
  /** Default: the machine's clock. */
  now?: () => number;
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

const FIRST_PAUSE_MS = 200;

/**
 * Does what may be done twice until it succeeds or fails for good. A registry's `Retry-After` is
 * waited for exactly; past the deadline it fails at once. The error lists every attempt.
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy = {},
  signal?: AbortSignal,
): Promise<T> {
  const { attempts = 4, deadlineMs = 60_000, now = Date.now, sleep = pause } = policy;
  const end = now() + deadlineMs;
  const failures: RegistryError[] = [];
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      // Whoever ends the work may give a reason that would otherwise be worth another try.
      if (!(error instanceof RegistryError) || !error.transient || signal?.aborted) throw error;
      failures.push(error);
      const wait = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (failures.length - 1);
      if (failures.length >= attempts || now() + wait > end) throw summary(failures);
      await sleep(wait, signal);
    }
  }
}

function summary(failures: readonly RegistryError[]): RegistryError {
  const last = failures.at(-1);
  if (!last) throw new Error("there was no attempt");
  if (failures.length === 1) return last;
  const earlier = failures.slice(0, -1).map(({ reason }) => reason);
  const same = earlier.every((reason) => reason === last.reason);
  const history = same ? "" : `; before: ${[...new Set(earlier)].join("; ")}`;
  return new RegistryError(last.code, `${last.reason} (${failures.length} attempts${history})`, {
    cause: last,
    hint: last.hint,
    status: last.status,
  });
}

async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await after(ms, undefined, { signal });
}
