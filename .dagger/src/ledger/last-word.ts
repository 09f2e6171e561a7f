import type { LedgerRecord, RejectionRecord, VerificationRecord } from "./model.ts";

/** What decides about a commit's images. */
export type LastWord = VerificationRecord | RejectionRecord;

/**
 * The record that decides whether a commit's images may be promoted; undefined when nothing is known.
 * A person's rejection stands for good. Else it is the last verification: a failure counts whatever
 * images it was of, a pass only for these very ones.
 *
 * @param records of the commit, oldest first
 * @param digests of the images, by service
 */
export function lastWord(
  records: readonly LedgerRecord[],
  digests: Readonly<Record<string, string>>,
): LastWord | undefined {
  const rejection = records.findLast((record) => record.kind === "rejection");
  if (rejection) return rejection;
  return records
    .filter((record) => record.kind === "verification")
    .findLast(({ passed, digests: verified }) => !passed || covers(verified, digests));
}

/** Whether it keeps the images from being promoted. */
export function isRefusal(word: LastWord): boolean {
  return word.kind === "rejection" || !word.passed;
}

/** Whether a verification was one of all these very images. */
export function covers(
  verified: Readonly<Record<string, string>>,
  digests: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(digests).every(([service, digest]) => verified[service] === digest);
}
