import { SluiceError } from "../../error.ts";
import type { Relation } from "../../git/history.ts";
import type { LedgerRecord } from "../../ledger/model.ts";
import type { GateFacts } from "../facts.ts";

/** How two commits relate, and by what that is known. */
export interface Order {
  relation: Relation;
  by: "history" | "commit times";
}

/**
 * How `first` relates to `second`. Where their history isn't at hand, the commit times that the
 * ledger has of both of their candidates decide; without them, what is missing is thrown.
 */
export async function orderOf(facts: GateFacts, first: string, second: string): Promise<Order> {
  if (first === second) return { relation: "same", by: "history" };
  try {
    return { relation: await facts.history.relation(first, second), by: "history" };
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "HISTORY_MISSING") throw error;
    const [one, other] = await Promise.all([committedAt(facts, first), committedAt(facts, second)]);
    // Equal times say nothing of the order.
    if (one === undefined || other === undefined || one === other) throw error;
    return { relation: one < other ? "ancestor" : "descendant", by: "commit times" };
  }
}

/** Milliseconds since the epoch; undefined when no record tells. */
async function committedAt(facts: GateFacts, commit: string): Promise<number | undefined> {
  const times = (await facts.commitRecords(commit)).map(timeIn);
  return times.findLast((time) => time !== undefined);
}

function timeIn(record: LedgerRecord): number | undefined {
  if (record.kind !== "candidate" || record.committedAt === undefined) return undefined;
  const time = Date.parse(record.committedAt);
  return Number.isNaN(time) ? undefined : time;
}
