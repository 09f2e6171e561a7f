import type { Gate, GateResult } from "./gate.ts";

/** A gate's result, before it bears the gate's name. */
export type Verdict = Omit<GateResult, "gate">;

type Evidence = GateResult["evidence"];

/** The demand is met. */
export function passed(why: string, evidence: Evidence = {}): Verdict {
  return { outcome: "pass", why, evidence };
}

/** The demand is not met; `next` is an instruction. */
export function failed(why: string, next: string, evidence: Evidence = {}): Verdict {
  return { outcome: "fail", why, next, evidence };
}

/**
 * A gate. What `judge` throws means that it can't find out: `evaluateGates` makes a failure of it.
 *
 * @param explanation one sentence: what it demands, and why
 */
export function gateNamed(
  name: string,
  explanation: string,
  judge: () => Verdict | Promise<Verdict>,
): Gate {
  return { name, explanation, check: async () => ({ gate: name, ...(await judge()) }) };
}

/** A commit, short enough to be read. */
export function short(commit: string): string {
  return commit.slice(0, 12);
}
