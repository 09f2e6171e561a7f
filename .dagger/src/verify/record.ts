import { firstLine } from "../error.ts";
import type { VerificationRecord } from "../ledger/model.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import type { Verification } from "./model.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/**
 * Writes in the ledger how a verification ended, with its report: a failure keeps the commit from
 * being promoted until it passes. Who may only read can still verify; then it says so and goes on.
 *
 * @param registry name of the registry that was pulled from
 * @param files the report, by path
 */
export async function recordVerification(
  { ledger, pipeline, operator }: Pick<Release, "ledger" | "pipeline" | "operator">,
  { commit, digests, passed, reason, durationMs }: Verification,
  registry: string,
  files: Readonly<Record<string, string>>,
  onProgress: (line: string) => void,
): Promise<void> {
  // What a tag holds need not come from one commit.
  if (!COMMIT.test(commit)) return;
  const record: VerificationRecord = {
    ...{ version: 1, kind: "verification", pipeline: pipeline.name, by: operator },
    at: new Date().toISOString(),
    ...{ commit, digests, registry, passed, reason, durationMs },
  };
  try {
    await ledger.append(commitStream(commit), record, { files });
  } catch (error) {
    onProgress(`not recorded in the ledger: ${firstLine(error)}`);
  }
}
