import { firstLine, SluiceError } from "../error.ts";
import { isFault } from "../fault.ts";
import type { Gate, GateResult } from "./gate.ts";
import { oneLine } from "./one-line.ts";

/**
 * Asks all gates at once; results in the gates' order. One that can't find out fails.
 *
 * @throws only what is a fault of this program
 */
export function evaluateGates(gates: readonly Gate[]): Promise<GateResult[]> {
  return Promise.all(
    gates.map(async (gate) => {
      try {
        return tidied(await gate.check());
      } catch (error) {
        if (isFault(error)) throw error;
        return tidied(undecided(gate, error));
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

function tidied({ why, next, evidence, ...result }: GateResult): GateResult {
  return {
    ...result,
    why: oneLine(why),
    ...(next === undefined ? {} : { next: oneLine(next) }),
    evidence: Object.fromEntries(
      Object.entries(evidence).map(([name, value]) => [name, oneLine(value)]),
    ),
  };
}
