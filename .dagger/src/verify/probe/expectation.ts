import type { Answer } from "./http.ts";

/** What a probe expects of the answer. */
export interface Expectation {
  /** One of these; default `[200]`. */
  status: readonly number[];
  /** Text that the body has to contain. */
  body?: string;
  /** Pattern that the body has to match, as JavaScript's RegExp reads it. */
  bodyPattern?: string;
  /** What neither a text nor a pattern can say of the body. */
  bodyCheck?: BodyCheck;
}

/** A demand on a body, in code. */
export interface BodyCheck {
  /** For people: `a body that names commit 1a2b3c4`. */
  expected: string;
  /** What is wrong with the body; undefined when nothing is. Asked at each attempt. */
  problem(body: string): string | undefined;
}

/** How an answer misses what was expected. */
export interface Mismatch {
  code: "PROBE_STATUS" | "PROBE_BODY";
  expected: string;
  found: string;
}

/** Characters of a body that are shown. */
const SHOWN = 300;

/** What is wrong with an answer; undefined when nothing is. */
export function judge(answer: Answer, expected: Expectation): Mismatch | undefined {
  if (!expected.status.includes(answer.status)) {
    return {
      code: "PROBE_STATUS",
      expected: `status ${expected.status.join(" or ")}`,
      found: `status ${answer.status}${answer.body === "" ? "" : `: ${shown(answer.body)}`}`,
    };
  }
  if (expected.body !== undefined && !answer.body.includes(expected.body)) {
    return {
      code: "PROBE_BODY",
      expected: `a body that contains ${JSON.stringify(expected.body)}`,
      found: shownBody(answer.body),
    };
  }
  if (
    expected.bodyPattern !== undefined &&
    !new RegExp(expected.bodyPattern, "u").test(answer.body)
  ) {
    return {
      code: "PROBE_BODY",
      expected: `a body that matches /${expected.bodyPattern}/`,
      found: shownBody(answer.body),
    };
  }
  const { bodyCheck } = expected;
  const found = bodyCheck?.problem(answer.body);
  return bodyCheck === undefined || found === undefined
    ? undefined
    : { code: "PROBE_BODY", expected: bodyCheck.expected, found };
}

/** `status 200`, and what is asked of the body. */
export function describeExpectation(expectation: Expectation): string {
  const { status, body, bodyPattern, bodyCheck } = expectation;
  return [
    `status ${status.join(" or ")}`,
    ...(body === undefined ? [] : [`a body that contains ${JSON.stringify(body)}`]),
    ...(bodyPattern === undefined ? [] : [`a body that matches /${bodyPattern}/`]),
    ...(bodyCheck === undefined ? [] : [bodyCheck.expected]),
  ].join(" with ");
}

/** The first 300 characters, on one line. */
export function shown(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length > SHOWN ? `${line.slice(0, SHOWN)}…` : line;
}

function shownBody(body: string): string {
  return body.trim() === "" ? "an empty body" : shown(body);
}
