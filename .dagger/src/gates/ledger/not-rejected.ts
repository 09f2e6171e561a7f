import type { LedgerRecord } from "../../ledger/model.ts";
import type { Gate } from "../gate.ts";
import type { GateFacts } from "../facts.ts";
import { failed, gateNamed, passed, short, type Verdict } from "../verdict.ts";
import { differing } from "./digests.ts";

/** What was refused once stays refused, until the same images pass. */
export function notRejected(facts: GateFacts): Gate {
  const { commit, digests } = facts;
  return gateNamed(
    "not-rejected",
    "The last word on the commit is not a rejection or a failed verification.",
    async () => {
      const records = await facts.commitRecords(commit);
      const last = records.findLast((record) => isDecisive(record, digests));
      return last === undefined
        ? passed(`nothing speaks against ${short(commit)}`, { commit })
        : verdictOn(last, commit);
    },
  );
}

/** A pass counts for these images only; a failure and a rejection count whatever was looked at. */
function isDecisive(record: LedgerRecord, digests: GateFacts["digests"]): boolean {
  if (record.kind === "rejection") return true;
  if (record.kind !== "verification") return false;
  return !record.passed || differing(digests, record.digests).length === 0;
}

function verdictOn(record: LedgerRecord, commit: string): Verdict {
  const evidence = { commit, record: record.kind, at: record.at, by: record.by };
  const next = `promote another commit, or verify these images again: sluice call smoke-verify --commit ${commit}`;
  if (record.kind === "rejection") {
    return failed(
      `${short(commit)} was rejected by ${record.by} at ${record.at}: ${record.reason}`,
      next,
      evidence,
    );
  }
  if (record.kind === "verification" && !record.passed) {
    return failed(
      `${short(commit)} failed its verification at ${record.at}: ${record.reason}`,
      next,
      evidence,
    );
  }
  return passed(`${short(commit)} passed its verification at ${record.at}`, evidence);
}
