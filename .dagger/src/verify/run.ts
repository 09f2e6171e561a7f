import { dag, type Directory } from "@dagger.io/dagger";
import { placeOf } from "../candidate/place.ts";
import type { Selection } from "../candidate/tagged.ts";
import { SluiceError } from "../error.ts";
import { keepEvidence } from "../evidence/kept.ts";
import type { Release } from "../release.ts";
import { reportFiles, withFiles } from "../report/files.ts";
import { toSummary } from "../report/summary.ts";
import type { Verification } from "./model.ts";
import { planOf } from "./plan.ts";
import { recordVerification } from "./record.ts";
import { DaggerStage } from "./supervise/dagger-stage.ts";
import { verifyCandidate } from "./verify.ts";

/** A verification and its report. */
export interface Verified {
  verification: Verification;
  report: Directory;
}

/**
 * Verifies images of a pipeline in containers of the Dagger session. How it ended is recorded in the
 * ledger; the report of one that does not pass is kept on the engine, too.
 *
 * @throws SluiceError `VERIFICATION_FAILED` when it does not pass, unless that is allowed
 */
export async function runVerification(
  release: Release,
  selection: Selection,
  options: { allowFailure: boolean; onProgress: (line: string) => void },
): Promise<Verified> {
  const { pipeline, logins, registries } = release;
  const { commit, images } = selection;
  const registry = registries.named(selection.registry);
  const run = await verifyCandidate({
    commit,
    ...planOf(pipeline, images, (service) => placeOf({ service, registry }, "read")),
    stage: new DaggerStage({ credentials: (container) => logins.signIn(container) }),
    scrub: (text) => logins.scrub(text),
    onProgress: options.onProgress,
  });
  const { verification } = run;
  const files = reportFiles(run);
  const report = withFiles(dag.directory().withNewDirectory("logs"), files);
  await Promise.all([
    recordVerification(release, verification, selection, files, options.onProgress),
    verification.passed || keepEvidence(pipeline.name, commit, report),
  ]);
  if (verification.passed || options.allowFailure) return { verification, report };
  throw new SluiceError("VERIFICATION_FAILED", verification.reason, {
    detail: toSummary(verification),
    hint: "see logs and probes: sluice call evidence export --path .artifacts/evidence",
  });
}
