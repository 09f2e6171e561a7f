import { dag, type Directory } from "@dagger.io/dagger";
import { commitState } from "../ledger/commit-state.ts";
import { channelStream, commitStream } from "../ledger/streams.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Release } from "../release.ts";
import { withFiles } from "../report/files.ts";
import { artifactFiles } from "./files.ts";

/**
 * What the ledger says of a commit, as files below `.artifacts`: the evidence of its acceptance with
 * the last verification's report, and what its promotion did.
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
  const [ofCommit, ofChannel] = await Promise.all([
    ledger.history(commitStream(commit)),
    production ? ledger.history(channelStream(production.name)) : [],
  ]);
  const [last] = commitState(ofCommit).verifications;
  const report = last ? await ledger.files(last) : {};
  const files = artifactFiles({ names: pipeline, commit, ofCommit, ofChannel, now: new Date() });
  for (const [path, bytes] of Object.entries(report)) {
    files[`.artifacts/acceptance/${commit}/${path}`] = new TextDecoder().decode(bytes);
  }
  return withFiles(dag.directory(), files);
}
