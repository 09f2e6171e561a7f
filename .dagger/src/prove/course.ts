import type { Attempt, ProbeEnd } from "../verify/probe/probe.ts";
import type { Demand } from "./demand.ts";
import type { Proof } from "./proof.ts";

/** A request of a proof, and how it went. */
export interface Course {
  demand: Demand;
  attempts: Attempt[];
  end: ProbeEnd | undefined;
}

/** The course as plain data. */
export function reportOf({ demand, attempts, end }: Course): Proof["probes"][number] {
  const cut = end === undefined || "cancelled" in end;
  const { path, described, timing } = demand;
  return {
    path,
    expected: described,
    state: cut ? "cut" : end.passed ? "passed" : "failed",
    healthyAfterMs: end?.healthyAfterMs ?? null,
    deadlineMs: timing.deadlineMs,
    stableForMs: timing.stableForMs,
    attempts,
  };
}
