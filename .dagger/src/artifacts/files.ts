import type { DeploymentRecord, Entry } from "../ledger/model.ts";
import { evidenceOf } from "./evidence.ts";
import { productionOf } from "./production.ts";
import type { ImageNames } from "./refs.ts";

/** What the files of a commit are made from. */
export interface ArtifactSources {
  names: ImageNames;
  commit: string;
  /** Records of the commit, all of them, newest first. */
  ofCommit: readonly Entry[];
  /** Records of the channel that is production, newest first. */
  ofChannel: readonly Entry[];
  /** Records of the targets that it is deployed to. */
  ofTargets: readonly Entry<DeploymentRecord>[];
  now: Date;
}

/** The files about a commit that can be made, by path in the repository. */
export function artifactFiles(sources: ArtifactSources): Record<string, string> {
  const { names, commit, ofCommit, ofChannel, ofTargets, now } = sources;
  const files: Record<string, string> = {};
  const evidence = evidenceOf(names, ofCommit, now);
  if (evidence) {
    files[`.artifacts/acceptance/${commit}/evidence-manifest.json`] = text(evidence);
  }
  const production = productionOf(names, ofChannel, ofTargets, commit);
  if (production) {
    files[`.artifacts/production/${commit}/deployment-record.json`] = text(production.record);
    files[`.artifacts/production/${commit}/result.json`] = text(production.result);
  }
  return files;
}

function text(data: unknown): string {
  return `${JSON.stringify(data, undefined, 2)}\n`;
}
