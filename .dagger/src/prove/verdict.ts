import { seconds } from "../verify/seconds.ts";
import type { Problem } from "../verify/probe/attempt.ts";
import type { Course } from "./course.ts";
import type { Proof, ProofCode } from "./proof.ts";

type Verdict = Pick<Proof, "passed" | "code" | "reason">;

/** What came of all requests, on one line. */
export function verdictOf(
  base: URL,
  courses: readonly Course[],
  commit: string,
  scrub: (text: string) => string,
): Verdict {
  const asked = courses.map(({ demand }) => demand.what).join(", ");
  for (const course of courses) {
    const { end } = course;
    if (end === undefined || end.passed || "cancelled" in end) continue;
    const { code, reason } = failureOf(base, course, end.problem, end.healthyAfterMs, commit);
    return { passed: false, code, reason: scrub([reason, ...others(courses)].join("; ")) };
  }
  if (courses.every(({ end }) => end?.passed)) {
    const named = courses.some(({ demand }) => demand.seen);
    const stable = seconds(Math.max(...courses.map(({ demand }) => demand.timing.stableForMs)));
    return {
      passed: true,
      code: null,
      reason: `${base.href} ${named ? `serves commit ${commit}` : "answers as expected"} (${asked}), stable for ${stable}`,
    };
  }
  return {
    passed: false,
    code: "INTERRUPTED",
    reason: `the proof of ${base.href} was interrupted`,
  };
}

function failureOf(
  base: URL,
  { demand: { what, timing, seen } }: Course,
  { code, expected, found }: Problem,
  healthyAfterMs: number | null,
  commit: string,
): { code: ProofCode; reason: string } {
  const ever = healthyAfterMs !== null;
  // The last answer may be none at all; what was answered before still tells what runs there.
  const other = code === "PROBE_BODY" || !ever ? seen?.().commit : undefined;
  if (other !== undefined) {
    const when = ever
      ? "again, after it had served the expected one"
      : `still after ${seconds(timing.deadlineMs)}`;
    const last = code === "PROBE_BODY" ? "" : `; then ${found}`;
    const reason = `${base.href} serves commit ${other}, expected ${commit}, ${when} (${what})${last}`;
    return { code: "VERSION_MISMATCH", reason };
  }
  const ask = `${what} of ${base.href}`;
  const reason = ever
    ? `${ask}: expected ${expected} for ${seconds(timing.stableForMs)}, got ${found} after it was healthy`
    : `${ask}: expected ${expected} within ${seconds(timing.deadlineMs)}, got ${found}`;
  if (code === "PROBE_BODY" && seen) return { code: "VERSION_UNREADABLE", reason };
  return { code: ever ? "PROBE_UNSTABLE" : code, reason };
}

/** What those last answered that were given up without ever having been as expected. */
function others(courses: readonly Course[]): string[] {
  return courses.flatMap(({ demand: { what }, attempts, end }) => {
    const last = attempts.at(-1)?.error;
    const cut = end !== undefined && "cancelled" in end && end.healthyAfterMs === null;
    return cut && last ? [`${what} had ${last}`] : [];
  });
}
