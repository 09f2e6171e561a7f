import { z } from "zod";
import { commitState } from "../ledger/commit-state.ts";
import { covers } from "../ledger/last-word.ts";
import type { Entry } from "../ledger/model.ts";
import { kindOf } from "../scope/scope.ts";
import { candidateRefs, type ImageNames, refsOf } from "./refs.ts";

const outcome = z.enum(["success", "failure", "pending"]);

/** `evidence-manifest.json`: what is to be known of a candidate before it goes to production. */
export const evidenceManifest = z
  .strictObject({
    version: z.literal(1),
    headSha: z.string().regex(/^[0-9a-f]{40}$/),
    kind: z
      .string()
      .describe(
        "What kind of release it makes: runtime, or the first scope that it changes; or none.",
      ),
    scope: z
      .record(z.string(), z.boolean())
      .describe("Which parts of the system the commit changes, by name."),
    candidate: candidateRefs,
    checks: z
      .strictObject({
        acceptanceStageGate: outcome.describe(
          "success: these very images passed, and nobody rejected them.",
        ),
        smokeVerify: outcome.describe("The last verification of these very images."),
      })
      .describe("Verdicts; pending while there is none."),
    generatedAt: z.string().describe("ISO 8601, UTC."),
  })
  .describe("Evidence of a candidate's acceptance.");

/** Evidence of a candidate's acceptance. */
export type EvidenceManifest = z.infer<typeof evidenceManifest>;

/**
 * What the ledger has to say of a commit; undefined when it became no candidate.
 *
 * @param entries records of the commit, all of them, newest first
 */
export function evidenceOf(
  names: ImageNames,
  entries: readonly Entry[],
  now: Date,
): EvidenceManifest | undefined {
  const { candidate, verifications, rejectedBy } = commitState(entries);
  if (!candidate) return undefined;
  const { commit, digests, scope } = candidate.record;
  const last = verifications.find(({ record }) => covers(record.digests, digests));
  const smokeVerify = last ? (last.record.passed ? "success" : "failure") : "pending";
  return {
    version: 1,
    headSha: commit,
    kind: kindOf(scope),
    scope,
    candidate: refsOf(names, digests),
    checks: { acceptanceStageGate: rejectedBy ? "failure" : smokeVerify, smokeVerify },
    generatedAt: now.toISOString(),
  };
}
