import type { Selection } from "../candidate/tagged.ts";
import { firstLine } from "../error.ts";
import type { VerificationRecord } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import type { Verification } from "./model.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Writes in the ledger how a verification ended, with its report: a failure keeps the commit from
 * being promoted until it passes. Who may only read can still verify; then it says so and goes on.
 *
 * @param files the report, by path
 */
export async function recordVerification(
  release: Pick<Release, "ledger" | "pipeline" | "operator">,
  { passed, reason, durationMs }: Verification,
  { commit, images, registry }: Selection,
  files: Readonly<Record<string, string>>,
  onProgress: (line: string) => void,
): Promise<void> {
  // What a tag holds need not come from one commit.
  if (!COMMIT.test(commit)) return;
  const record: VerificationRecord = {
    ...stamp(release),
    ...{ kind: "verification", commit, registry, passed, reason, durationMs },
    // Of one that failed it need not be known what ran; this is what was to run.
    digests: Object.fromEntries(
      Object.entries(images).map(([name, { ref }]) => [name, ref.slice(ref.indexOf("@") + 1)]),
    ),
  };
  try {
    await release.ledger.append(commitStream(commit), record, { files });
  } catch (error) {
    onProgress(`not recorded in the ledger: ${firstLine(error)}`);
  }
}
