import { findCandidate } from "../candidate/find.ts";
import { placeOf } from "../candidate/place.ts";
import { SluiceError } from "../error.ts";
import type { Pipeline, PipelineService } from "../pipeline/model.ts";
import { suggestion } from "../pipeline/suggest.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Place } from "../registry/copy/place.ts";
import type { Release } from "../release.ts";
import { checkedCommit, commitOf } from "../source/commit.ts";
import { readChannel } from "../status/channel.ts";

/** Which files; everything may be left out. */
export interface FilesWanted {
  /** Name of the service; default: the only one that is files. */
  service?: string | undefined;
  /** What this channel holds, by the ledger. */
  channel?: string | undefined;
  /** What this commit became, instead of a channel; default: HEAD. */
  commit?: string | undefined;
  /** Name of the registry to take them from; default: the first one. */
  registry?: string | undefined;
}

/**
 * Where the files that are meant lie, by digest.
 *
 * @throws SluiceError `ARGUMENTS_INVALID`, `SERVICE_UNKNOWN`, `CHANNEL_UNKNOWN`, `CHANNEL_EMPTY`,
 *   `FILES_UNRELEASED`, `REGISTRY_UNKNOWN`, what `findCandidate` throws
 */
export async function releasedFiles(
  release: Release,
  wanted: FilesWanted,
): Promise<{ place: Place; digest: string }> {
  const service = serviceOf(release.pipeline, wanted.service);
  if (wanted.channel !== undefined && wanted.commit !== undefined) {
    throw new SluiceError("ARGUMENTS_INVALID", "--channel and --commit can't be used together", {
      hint: "give one of them",
    });
  }
  const registry = release.registries.named(wanted.registry);
  const digest =
    wanted.channel === undefined
      ? await ofCommit(release, wanted.commit, service)
      : await ofChannel(release, wanted.channel, service);
  return { place: await placeOf({ service, registry }, "read"), digest };
}

/** The service that is meant, which has to be files. */
function serviceOf({ file, services }: Pipeline, name: string | undefined): PipelineService {
  const all = services.filter(({ files }) => files.length > 0);
  const known = all.map((one) => one.name);
  const hint = all.length === 0 ? "add one that has files:" : `name one of: ${known.join(", ")}`;
  if (name === undefined) {
    const [only, ...others] = all;
    if (only && others.length === 0) return only;
    const found = only ? `${all.length} services that are files` : "no service that is files";
    throw new SluiceError("SERVICE_UNKNOWN", `${file} has ${found}; which is meant?`, { hint });
  }
  const found = all.find((one) => one.name === name);
  if (found) return found;
  const is = services.some((one) => one.name === name)
    ? `${name} is no files, but a container`
    : `${file} has no service ${JSON.stringify(name)}${suggestion(name, known)}`;
  throw new SluiceError("SERVICE_UNKNOWN", is, { hint });
}

async function ofCommit(
  release: Release,
  given: string | undefined,
  { name }: PipelineService,
): Promise<string> {
  const { pipeline, registries } = release;
  const commit = given === undefined ? await commitOf(release.source) : checkedCommit(given);
  const found = await findCandidate(pipeline, registries, commit);
  const own = found.candidate.services.find((one) => one.name === name);
  if (!own) throw new Error(`${name} is missing from its candidate`);
  return own.digest;
}

async function ofChannel(
  { pipeline, ledger }: Release,
  channel: string,
  { name }: PipelineService,
): Promise<string> {
  const { holds } = await readChannel(ledger, channelNamed(pipeline, channel).name);
  if (!holds) {
    throw new SluiceError("CHANNEL_EMPTY", `${channel} holds nothing yet: there are no files`, {
      hint: `promote a candidate first: sluice call promote --channel ${channel}`,
    });
  }
  const digest = holds.digests[name];
  if (digest !== undefined) return digest;
  throw new SluiceError("FILES_UNRELEASED", `${channel} holds no ${name}, at ${holds.commit}`, {
    hint: `promote a commit that has ${name} to ${channel} first`,
  });
}
