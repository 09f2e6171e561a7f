import { SluiceError } from "../error.ts";
import type { Promoted } from "../promote/promote.ts";
import type { Release } from "../release.ts";
import { channelNamed } from "../promote/channel.ts";
import { readChannel } from "../status/channel.ts";
import { changeEvent, failedChangeEvent } from "./change-event.ts";
import type { ReleaseEvent } from "./event.ts";
import { tell } from "./tell.ts";

/** What is told as a failure of the channel; a refusal is told to whoever asked for it. */
const FAILURE = /^(?:VERIFICATION|PROMOTION|TAG|REFERRERS|LEDGER)_/;

/** Tells the followers of a channel when a verification for it fails; of none, it tells nobody. */
export async function tellingFailure<T>(
  release: Release,
  about: { channel: string | undefined; tag: string | undefined; commit: string },
  onProgress: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  const { pipeline } = release;
  const named = about.channel && channelNamed(pipeline, about.channel).name;
  const channel = named ?? pipeline.channels.find(({ tag }) => tag === about.tag)?.name;
  // Images of several commits are nobody's candidate.
  if (channel === undefined || !/^[0-9a-f]{40}$/.test(about.commit)) return work();
  return toldWhenFailing(release, { ...about, channel, notes: {} }, onProgress, work);
}

async function toldWhenFailing<T>(
  release: Release,
  { channel, commit, notes }: { channel: string; commit: string; notes: ReleaseEvent["notes"] },
  onProgress: (line: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SluiceError && FAILURE.test(error.code)) {
      const what = { channel, commit, notes, reason: error.reason };
      await tell(release, failedChangeEvent(release, what), onProgress);
    }
    throw error;
  }
}

/** Tells people how a promotion ended. */
export async function aroundChange(
  release: Release,
  about: { channel: string; commit: string; notes: ReleaseEvent["notes"] },
  onProgress: (line: string) => void,
  work: () => Promise<Promoted>,
): Promise<Promoted> {
  const promoted = await toldWhenFailing(release, about, onProgress, work);
  const event = await changeEvent(release, about.channel, about.notes);
  if (event) await tell(release, event, onProgress);
  return promoted;
}

/** Tells people how a rollback ended; one that fails leaves the channel as it is. */
export async function aroundRollback(
  release: Release,
  about: { channel: string; notes: ReleaseEvent["notes"] },
  onProgress: (line: string) => void,
  work: () => Promise<Promoted>,
): Promise<Promoted> {
  const { name } = channelNamed(release.pipeline, about.channel);
  const { holds } = await readChannel(release.ledger, name);
  return holds
    ? aroundChange(release, { ...about, commit: holds.commit }, onProgress, work)
    : work();
}
