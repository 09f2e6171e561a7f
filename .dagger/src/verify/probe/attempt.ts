import { describeExpectation, judge, type Expectation } from "./expectation.ts";
import type { Answer, Get } from "./http.ts";
import { reasonOf } from "./no-answer.ts";

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
 * Asks once. Redirects are followed on the same host and port only, or from a host's HTTP to its
 * HTTPS: an answer from elsewhere proves nothing about what was asked.
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
      const away = leadsAway(url, next);
      if (away || redirects === REDIRECTS) {
        return { status: answer.status, problem: misled(answer, next, expected, away) };
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

/** Whether a redirect goes to where something else may answer. */
function leadsAway(from: URL, to: URL): boolean {
  if (from.origin === to.origin) return false;
  const secured = from.protocol === "http:" && to.protocol === "https:";
  return !(secured && from.hostname === to.hostname && from.port === "" && to.port === "");
}

function misled(answer: Answer, next: URL, expected: Expectation, away: boolean): Problem {
  return {
    code: "PROBE_REDIRECT",
    expected: describeExpectation(expected),
    found: away
      ? `status ${answer.status}, a redirect to ${next.href}, which is another host and is not followed`
      : `more than ${REDIRECTS} redirects, the last to ${next.pathname}`,
  };
}
