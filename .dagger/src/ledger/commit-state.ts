import type {
  ApprovalRecord,
  CandidateRecord,
  Entry,
  LedgerRecord,
  RejectionRecord,
  VerificationRecord,
} from "./model.ts";

/** What the ledger says of a commit. */
export interface CommitState {
  /** What it became; the newest, should it have been published twice. */
  candidate: Entry<CandidateRecord> | undefined;
  /** Newest first. */
  verifications: Entry<VerificationRecord>[];
  /** Why it may not be promoted: the last failure or rejection that no later success lifted. */
  rejectedBy: Entry<VerificationRecord | RejectionRecord> | undefined;
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
  const refused = entries.find(({ record }, index) => {
    const images = refusedImages(record, candidate?.record);
    return images !== undefined && !passed(images, entries.slice(0, index));
  });
  return {
    candidate,
    verifications: all("verification"),
    rejectedBy: refused as Entry<VerificationRecord | RejectionRecord> | undefined,
    approvals: all("approval"),
  };
}

/** The images that a record refuses, by service; undefined when it refuses nothing. */
function refusedImages(
  record: LedgerRecord,
  candidate: CandidateRecord | undefined,
): Record<string, string> | undefined {
  if (record.kind === "verification" && !record.passed) return record.digests;
  return record.kind === "rejection" ? (candidate?.digests ?? {}) : undefined;
}

/** Whether these very images passed a verification. */
function passed(images: Readonly<Record<string, string>>, entries: readonly Entry[]): boolean {
  return entries.some(
    ({ record }) =>
      record.kind === "verification" &&
      record.passed &&
      Object.entries(images).every(([service, digest]) => record.digests[service] === digest),
  );
}
