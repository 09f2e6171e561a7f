import { firstLine } from "../error.ts";
import { isFault } from "../fault.ts";
import { type ChannelState, isChange } from "../ledger/channel-state.ts";
import type { ChangeRecord, Entry } from "../ledger/model.ts";
import { channelStream } from "../ledger/streams.ts";
import { channelNamed } from "../promote/channel.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import { readLock } from "../lock/break.ts";
import { LockRemote } from "../lock/remote.ts";
import type { Release } from "../release.ts";
import { readChannel } from "./channel.ts";
import { driftOf } from "./drift.ts";
import { targetDrift, targetsOf } from "./targets.ts";
import type { ChannelStatus, RefStatus, Status } from "./model.ts";

/** Asks ledger, registries and git remote what each channel, or one, holds right now. */
export async function statusOf(release: Release, channel?: string): Promise<Status> {
  const { pipeline } = release;
  const channels = channel === undefined ? pipeline.channels : [channelNamed(pipeline, channel)];
  return {
    version: 1,
    pipeline: pipeline.name,
    channels: await Promise.all(channels.map((one) => channelStatus(release, one))),
  };
}

async function channelStatus(release: Release, channel: PipelineChannel): Promise<ChannelStatus> {
  const { name, tag } = channel;
  const [state, digests, git, places] = await Promise.all([
    readChannel(release.ledger, name),
    digestsUnder(release, tag),
    gitSays(release, channel),
    targetsOf(release, name),
  ]);
  const { holds, blocked } = state;
  const held = holds && (await sinceWhen(release, channel, state));
  const status = {
    ...{ channel: name, tag, holds, blocked, lock: git.lock, branch: git.branch },
    since: held?.at ?? null,
    by: held?.by ?? null,
    refs: digests.map((one) => ({ ...one, recorded: holds?.digests[one.service] ?? null })),
    targets: places.map(({ status: one }) => one),
  };
  const ofTargets = places.flatMap((place) => targetDrift(place, holds));
  return { ...status, drift: [...driftOf(status, state), ...ofTargets, ...git.unknown] };
}

/** The record of the change that brought what a channel holds. */
async function sinceWhen(
  { ledger }: Release,
  { name }: PipelineChannel,
  { head, holds }: ChannelState,
): Promise<ChangeRecord | undefined> {
  const brought = (entry: Entry): entry is Entry<ChangeRecord> =>
    isChange(entry) && entry.record.state === "finished" && entry.record.commit === holds?.commit;
  // Nearly always it is the last one.
  if (head && brought(head)) return head.record;
  return (await ledger.history(channelStream(name))).find(brought)?.record;
}

/** What a tag holds everywhere: one small request each. */
function digestsUnder(
  { pipeline, registries }: Release,
  tag: string,
): Promise<Omit<RefStatus, "recorded">[]> {
  return Promise.all(
    registries.all.flatMap((registry) =>
      pipeline.services.map(async (service) => {
        const client = await registry.client("read");
        const digest = await client.head(registry.repositoryOf(service).path, tag);
        const ref = `${registry.imageOf(service)}:${tag}`;
        return { service: service.name, registry: registry.name, ref, digest: digest ?? null };
      }),
    ),
  );
}

interface GitSays extends Pick<ChannelStatus, "lock" | "branch"> {
  /** Why it can't be asked. */
  unknown: string[];
}

/** What the git remote says of a channel. While it can't be asked, the rest is still worth knowing. */
async function gitSays(release: Release, channel: PipelineChannel): Promise<GitSays> {
  try {
    const [lock, branch] = await Promise.all([
      lockOf(release, channel.name),
      branchOf(release, channel),
    ]);
    return { lock, branch, unknown: [] };
  } catch (error) {
    if (isFault(error)) throw error;
    const why = `the git remote can't be asked for lock and branch: ${firstLine(error)}`;
    return { lock: null, branch: null, unknown: [why] };
  }
}

async function lockOf(release: Release, channel: string): Promise<ChannelStatus["lock"]> {
  const remote = await release.remote();
  const lock = remote && (await readLock(new LockRemote(remote), channel));
  if (!lock) return null;
  const { holder, reason, since = null, command, claim } = lock;
  return { holder, reason, since, command, claim };
}

async function branchOf(
  release: Release,
  { branch }: PipelineChannel,
): Promise<ChannelStatus["branch"]> {
  if (branch === undefined) return null;
  const history = await release.history();
  return { name: branch, commit: (await history.branch(branch)) ?? null };
}
