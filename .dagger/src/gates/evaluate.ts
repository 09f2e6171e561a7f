import { firstLine, SluiceError } from "../error.ts";
import type { Gate, GateResult } from "./gate.ts";

/** Asks all gates at once; results in the gates' order. One that can't find out fails. Never throws. */
export function evaluateGates(gates: readonly Gate[]): Promise<GateResult[]> {
  return Promise.all(
    gates.map(async (gate) => {
      try {
        return await gate.check();
      } catch (error) {
        return undecided(gate, error);
      }
    }),
  );
}

function undecided({ name }: Gate, error: unknown): GateResult {
  const known = error instanceof SluiceError ? error : undefined;
  const reason = known ? firstLine(known.reason) : firstLine(error);
  return {
    gate: name,
    outcome: "fail",
    why: `can't be found out: ${reason}`,
    next: known?.hint ?? "try again; nothing is promoted while this is unknown",
    evidence: known ? { code: known.code } : {},
  };
}
