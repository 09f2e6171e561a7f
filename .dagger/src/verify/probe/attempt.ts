import { describeExpectation, judge, type Expectation } from "./expectation.ts";
import type { Answer, Get } from "./http.ts";

/** Redirects within the same host that one attempt follows. */
const REDIRECTS = 5;

/** What is wrong with one attempt. `PROBE_TIMEOUT`: there was no answer at all. */
export interface Problem {
  code: "PROBE_TIMEOUT" | "PROBE_STATUS" | "PROBE_BODY" | "PROBE_REDIRECT";
  expected: string;
  found: string;
}

/** One request of a probe, redirects included, and how it was judged. */
export interface Outcome {
  /** Status of the last answer; null without an answer. */
  status: number | null;
  /** True when the time of this attempt ran out. */
  late?: boolean;
  /** Undefined when the answer is the expected one. */
  problem?: Problem;
}

/**
 * Asks once. Redirects are followed on the same host and port only: an answer from elsewhere
 * proves nothing about this container.
 *
 * @param timeoutMs how long this attempt may take
 * @param signal cancels it; the outcome then means nothing
 */
export async function attempt(
  url: URL,
  expected: Expectation,
  get: Get,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Outcome> {
  const late = AbortSignal.timeout(timeoutMs);
  const limit = AbortSignal.any([signal, late]);
  let target = url;
  try {
    for (let redirects = 0; ; redirects++) {
      const answer = await get(target, limit);
      const wrong = judge(answer, expected);
      if (!wrong) return { status: answer.status };
      const next = redirectOf(answer, target);
      if (!next) return { status: answer.status, problem: wrong };
      if (next.origin !== url.origin || redirects === REDIRECTS) {
        return { status: answer.status, problem: misled(answer, next, expected, url) };
      }
      target = next;
    }
  } catch (error) {
    const found = late.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error);
    return {
      status: null,
      late: late.aborted,
      problem: { code: "PROBE_TIMEOUT", expected: describeExpectation(expected), found },
    };
  }
}

function redirectOf({ status, location }: Answer, from: URL): URL | undefined {
  if (status < 300 || status > 399 || location === undefined) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

function misled(answer: Answer, next: URL, expected: Expectation, asked: URL): Problem {
  const away = next.origin !== asked.origin;
  return {
    code: "PROBE_REDIRECT",
    expected: describeExpectation(expected),
    found: away
      ? `status ${answer.status}, a redirect to ${next.href}, which is another host and is not followed`
      : `more than ${REDIRECTS} redirects, the last to ${next.pathname}`,
  };
}

/** The error's own words; Node hides those of several tried addresses in an AggregateError. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED") return "the connection was refused";
  if (code === "ECONNRESET") return "the connection was closed without an answer";
  return error.message;
}
