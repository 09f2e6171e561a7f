import { dag, type Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { withBinaryFiles } from "../report/binary-files.ts";
import { keepEvidence } from "../evidence/kept.ts";
import type { Announcement } from "../announce/announcement.ts";
import type { Ended } from "./carry-out.ts";
import type { DeploymentData } from "./model.ts";
import { productsOf } from "./products.ts";
import type { DeploymentRun } from "./run.ts";
import { deploymentSummary } from "./summary.ts";
import { tellEnd } from "./tell.ts";

/** A deployment that succeeded, or what one would be, and its files. */
export interface Deployment {
  data: DeploymentData;
  directory: Directory;
}

/**
 * Tells people how a deployment ended, and hands over what it left.
 *
 * @throws SluiceError `DEPLOYMENT_FAILED` for one that did not succeed; its files are kept on the
 *   engine and in the ledger
 */
export async function finish(run: DeploymentRun, ended: Ended): Promise<Deployment> {
  // The deployment stands, whoever can be told of it.
  const announcement: Announcement | null = await tellEnd(run, ended);
  const data: DeploymentData = { ...ended.data, announcement };
  const directory = filesOf(run, data);
  if (ended.fault === undefined) return { data, directory };
  await keepEvidence(run.release.pipeline.name, data.commit, directory);
  throw failed(data, ended.fault);
}

/** The files of a deployment, whatever became of it. */
export function filesOf(
  run: Pick<DeploymentRun, "kept" | "wanted">,
  data: DeploymentData,
): Directory {
  return withBinaryFiles(dag.directory(), productsOf(run, data));
}

function failed(data: DeploymentData, fault: unknown): SluiceError {
  const code = fault instanceof SluiceError ? fault.code : "DEPLOYMENT_FAILED";
  const hint = fault instanceof SluiceError ? fault.hint : undefined;
  const next = data.takenBack?.succeeded === false ? repair(data) : hint;
  return new SluiceError(code, `${data.target}: ${data.reason}`, {
    detail: deploymentSummary(data),
    hint: next ?? "see its output and logs: sluice call evidence export --path .artifacts/evidence",
    cause: fault,
  });
}

function repair({ target, previousCommit }: DeploymentData): string {
  return previousCommit === undefined
    ? `look at ${target} yourself; then deploy something that works`
    : `look at ${target} yourself; what ran there was ${previousCommit.slice(0, 12)}: see docs/operations.md`;
}
