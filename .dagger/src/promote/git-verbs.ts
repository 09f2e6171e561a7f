import { SluiceError } from "../error.ts";
import { reconcile } from "../git/reconcile.ts";
import { calendarTag, cutTag } from "../git/tags.ts";
import { remoteOf } from "../lock/by-hand.ts";
import type { Release } from "../release.ts";
import { commitOf } from "../source/commit.ts";
import { channelNamed } from "./channel.ts";

/** Cuts an annotated tag on the remote. Answers a line that names it. */
export async function cutReleaseTag(
  release: Release,
  wanted: { name: string | undefined; commit: string | undefined; message: string | undefined },
): Promise<string> {
  const remote = await remoteOf(release);
  const commit = await commitOf(release.source, wanted.commit);
  const name =
    wanted.name ??
    calendarTag(
      new Date(),
      (await remote.history.tags()).map((tag) => tag.name),
    );
  const message = wanted.message ?? `Release ${name}`;
  const isNew = await cutTag(remote, { name, commit, message });
  return `${name} ${isNew ? "is cut" : "stood already"} on ${commit}\n`;
}

/** Resets a channel's branch to a commit, as the operator confirmed it. Answers what was done. */
export async function reconcileBranch(
  release: Release,
  wanted: { channel: string; commit: string | undefined; confirm: string | undefined },
): Promise<string> {
  const { name, branch } = channelNamed(release.pipeline, wanted.channel);
  if (branch === undefined) {
    throw new SluiceError("BRANCH_MISSING", `channel ${name} has no branch`, {
      hint: "add branch: to the channel in the pipeline file",
    });
  }
  const remote = await remoteOf(release);
  const to = await commitOf(release.source, wanted.commit);
  const done = await reconcile(remote, { branch, to, confirm: wanted.confirm });
  return `${branch} is at ${done.to} now; what it held, ${done.from}, is kept as tag ${done.archive}\n`;
}
