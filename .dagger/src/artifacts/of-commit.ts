import { dag, type Directory } from "@dagger.io/dagger";
import { placesOf } from "../deploy/place.ts";
import { isDeployment } from "../deploy/target-state.ts";
import { commitState } from "../ledger/commit-state.ts";
import type { DeploymentRecord, Entry } from "../ledger/model.ts";
import { channelStream, commitStream } from "../ledger/streams.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Release } from "../release.ts";
import { withBinaryFiles } from "../report/binary-files.ts";
import { artifactFiles } from "./files.ts";

/**
 * What the ledger says of a commit, as files below `.artifacts`: the evidence of its acceptance with
 * the last verification's report, what its promotion did, and what its deployments left.
 *
 * @param channel name of the channel that is production; default: the last one
 */
export async function artifactsOf(
  release: Release,
  commit: string,
  channel?: string,
): Promise<Directory> {
  const { pipeline, ledger } = release;
  const production: PipelineChannel | undefined =
    channel === undefined ? pipeline.channels.at(-1) : channelNamed(pipeline, channel);
  const [ofCommit, ofChannel, ofTargets] = await Promise.all([
    ledger.history(commitStream(commit)),
    production ? ledger.history(channelStream(production.name)) : [],
    production ? deploymentsOf(release, production.name) : [],
  ]);
  const [last] = commitState(ofCommit).verifications;
  const report = last ? await ledger.files(last) : {};
  const texts = artifactFiles({
    ...{ names: pipeline, commit, ofCommit, ofChannel, ofTargets, now: new Date() },
  });
  const files: Record<string, string | Uint8Array> = {
    ...texts,
    ...(await deploymentFiles(release, commit, ofTargets)),
  };
  for (const [path, bytes] of Object.entries(report)) {
    files[`.artifacts/acceptance/${commit}/${path}`] = bytes;
  }
  return withBinaryFiles(dag.directory(), files);
}

/** Records of everything that was deployed from a channel. */
async function deploymentsOf(
  { pipeline, ledger }: Release,
  channel: string,
): Promise<Entry<DeploymentRecord>[]> {
  const places = placesOf(pipeline, channel);
  const all = await Promise.all(places.map(({ stream }) => ledger.history(stream)));
  return all.flat().filter(isDeployment);
}

/** What the last deployment of a commit to each target left: output, logs, screenshots. */
async function deploymentFiles(
  { ledger }: Release,
  commit: string,
  entries: readonly Entry<DeploymentRecord>[],
): Promise<Record<string, Uint8Array>> {
  const last = new Map<string, Entry<DeploymentRecord>>();
  for (const entry of entries) {
    const { target, commit: of, outcome } = entry.record;
    if (of === commit && outcome !== "started" && !last.has(target)) last.set(target, entry);
  }
  const all = await Promise.all([...last.values()].map((entry) => ledger.files(entry)));
  return Object.fromEntries(
    all.flatMap((files) =>
      Object.entries(files).map(([path, bytes]) => [`.artifacts/${path}`, bytes] as const),
    ),
  );
}
