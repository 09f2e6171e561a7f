import { z } from "zod";

/** What a gate says. A gate that can't find out fails, with the reason in `why`. */
export const gateResultSchema = z.strictObject({
  gate: z.string().describe("Name of the gate, such as fast-forward."),
  outcome: z.enum(["pass", "fail"]),
  /** One line: expected X, found Y. */
  why: z.string(),
  /** What to do about a failure, as an instruction. */
  next: z.string().optional(),
  /** What it looked at: commits, tags, digests, times. */
  evidence: z.record(z.string(), z.string()),
});

/** What a gate says. */
export type GateResult = z.infer<typeof gateResultSchema>;

/** A condition that a promotion has to meet. */
export interface Gate {
  /** Stable, in kebab case: `fast-forward`. */
  readonly name: string;
  /** One sentence for people: what it demands, and why. */
  readonly explanation: string;
  check(): Promise<GateResult>;
}
