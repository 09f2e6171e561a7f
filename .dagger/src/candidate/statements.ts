import { findCandidate } from "./find.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Entry } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { commitStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { commitOf } from "../source/commit.ts";

/**
 * Records that an operator agrees to a commit's promotion to a channel.
 *
 * @throws SluiceError what `findCandidate` throws when the commit was not published
 */
export async function approve(
  release: Release,
  wanted: { channel: string; commit: string | undefined; note: string },
): Promise<Entry> {
  const { pipeline, registries, ledger } = release;
  const { name } = channelNamed(pipeline, wanted.channel);
  const commit = await commitOf(release.source, wanted.commit);
  await findCandidate(pipeline, registries, commit);
  return ledger.append(commitStream(commit), {
    ...stamp(release),
    ...{ kind: "approval", commit, channel: name, note: wanted.note },
  });
}

/** Records that a commit must not be promoted, whatever verifications say. */
export async function reject(
  release: Release,
  wanted: { commit: string | undefined; reason: string },
): Promise<Entry> {
  const commit = await commitOf(release.source, wanted.commit);
  return release.ledger.append(commitStream(commit), {
    ...stamp(release),
    ...{ kind: "rejection", commit, reason: wanted.reason },
  });
}
