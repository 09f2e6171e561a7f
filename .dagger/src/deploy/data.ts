import type { DeploymentData } from "./model.ts";
import { digestsOf, type DeploymentRun } from "./run.ts";

/** What became of a run. */
type Became = Pick<DeploymentData, "outcome" | "reason"> & Partial<DeploymentData>;

/** A run as plain data: what it was about, and what became of it. */
export function dataOf(
  { release, place, wanted, url }: DeploymentRun,
  became: Became,
): DeploymentData {
  const now = new Date().toISOString();
  const { previous } = wanted;
  return {
    ...{ version: 1, kind: wanted.kind, pipeline: release.pipeline.name },
    ...{ channel: place.channel.name, target: place.name },
    ...{ environment: place.target.environment, commit: wanted.commit, digests: digestsOf(wanted) },
    ...(wanted.release === undefined ? {} : { release: wanted.release }),
    ...(url === undefined ? {} : { url }),
    ...(previous ? { previousCommit: previous.commit } : {}),
    ...{ plan: [], notes: [], takenBack: null, announcement: null },
    seen: { proof: null, browser: null, watch: null },
    ...{ startedAt: now, finishedAt: now, by: release.operator },
    ...became,
  };
}
