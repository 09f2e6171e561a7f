import { isRefusal, lastWord, type LastWord } from "./last-word.ts";
import type {
  ApprovalRecord,
  CandidateRecord,
  Entry,
  LedgerRecord,
  VerificationRecord,
} from "./model.ts";

/** What the ledger says of a commit. */
export interface CommitState {
  /** What it became; the newest, should it have been published twice. */
  candidate: Entry<CandidateRecord> | undefined;
  /** Newest first. */
  verifications: Entry<VerificationRecord>[];
  /** Why it may not be promoted: a person's rejection, or a failure that no later success lifted. */
  rejectedBy: Entry<LastWord> | undefined;
  /** Newest first. */
  approvals: Entry<ApprovalRecord>[];
}

/**
 * Reads a commit's state out of its records.
 *
 * @param entries all of them, newest first
 */
export function commitState(entries: readonly Entry[]): CommitState {
  const all = <K extends LedgerRecord["kind"]>(kind: K) =>
    entries.filter(
      (entry): entry is Entry<Extract<LedgerRecord, { kind: K }>> => entry.record.kind === kind,
    );
  const [candidate] = all("candidate");
  const word = lastWord(
    entries.map(({ record }) => record).toReversed(),
    candidate?.record.digests ?? {},
  );
  return {
    candidate,
    verifications: all("verification"),
    rejectedBy: entries.find(
      (entry): entry is Entry<LastWord> => entry.record === word && isRefusal(word),
    ),
    approvals: all("approval"),
  };
}
