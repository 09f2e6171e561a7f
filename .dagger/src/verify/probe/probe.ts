import type { Clock } from "../clock.ts";
import { attempt, type Outcome, type Problem } from "./attempt.ts";
import type { Expectation } from "./expectation.ts";
import type { Get } from "./http.ts";

/** When a probe asks; all in milliseconds. */
export interface ProbeTiming {
  /** From the start of the container until the first expected answer. */
  deadlineMs: number;
  /** How long it then has to keep giving the expected answer; 0: once is enough. */
  stableForMs: number;
  /** Longest pause between two attempts. */
  intervalMs: number;
}

/** One attempt in the life of a probe. */
export interface Attempt {
  /** Since the probe began. */
  atMs: number;
  tookMs: number;
  status: number | null;
  /** What was found instead of what was expected; null for the expected answer. */
  error: string | null;
}

/** How a probe ended. */
export type ProbeEnd =
  | { passed: true; healthyAfterMs: number }
  | { passed: false; healthyAfterMs: number | null; problem: Problem }
  | { passed: false; cancelled: true; healthyAfterMs: number | null };

/** What a probe needs from outside. */
export interface ProbeContext {
  clock: Clock;
  get: Get;
  /** Cancels the probe: the container is gone, or the verification is. */
  signal: AbortSignal;
  onAttempt(attempt: Attempt): void;
  /** Called once, at the first expected answer. The stability window begins when it is done. */
  onHealthy(): void | Promise<void>;
}

const FIRST_PAUSE_MS = 25;
const GROWTH = 1.3;
/** An attempt may take this long, then twice as long each time: a hung first connection must not use up the deadline. */
const FIRST_PATIENCE_MS = 1000;
/** Longest wait for an answer once the service is known to be healthy. */
const STABLE_PATIENCE_MS = 5000;

/**
 * Asks at once, then after 25 ms growing ×1.3 to the interval, until the expected answer comes or
 * the deadline passes; after that through the stability window, where the first other answer fails.
 */
export async function probe(
  url: URL,
  expected: Expectation,
  timing: ProbeTiming,
  context: ProbeContext,
): Promise<ProbeEnd> {
  const begun = context.clock.now();
  const elapsed = () => context.clock.now() - begun;
  const cancelled = () => context.signal.aborted;
  const ask = async (patienceMs: number): Promise<Outcome> => {
    const atMs = elapsed();
    const outcome = await attempt(url, expected, context.get, patienceMs, context.signal);
    if (!cancelled()) {
      const tookMs = elapsed() - atMs;
      const error = outcome.problem?.found ?? null;
      context.onAttempt({ atMs, tookMs, status: outcome.status, error });
    }
    return outcome;
  };

  let pause = Math.min(FIRST_PAUSE_MS, timing.intervalMs);
  let told: Problem | undefined;
  for (let patience = FIRST_PATIENCE_MS; ;) {
    const left = timing.deadlineMs - elapsed();
    const { problem, late } = await ask(Math.max(1, Math.min(patience, left)));
    if (cancelled()) return { passed: false, cancelled: true, healthyAfterMs: null };
    if (!problem) break;
    // An attempt that the deadline cut short says less than the one before it.
    if (!late || left >= patience || !told) told = problem;
    if (late) patience *= 2;
    if (elapsed() + pause >= timing.deadlineMs) {
      return { passed: false, healthyAfterMs: null, problem: told };
    }
    await context.clock.sleep(pause, context.signal);
    pause = Math.min(pause * GROWTH, timing.intervalMs);
  }

  const healthyAfterMs = elapsed();
  await context.onHealthy();
  if (cancelled()) return { passed: false, cancelled: true, healthyAfterMs };
  const stableAt = elapsed() + timing.stableForMs;
  while (elapsed() < stableAt) {
    await context.clock.sleep(Math.min(timing.intervalMs, stableAt - elapsed()), context.signal);
    if (cancelled()) return { passed: false, cancelled: true, healthyAfterMs };
    const { problem } = await ask(STABLE_PATIENCE_MS);
    if (cancelled()) return { passed: false, cancelled: true, healthyAfterMs };
    if (problem) return { passed: false, healthyAfterMs, problem };
  }
  return { passed: true, healthyAfterMs };
}
