import { SluiceError } from "../error.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Release } from "../release.ts";
import type { RemoteRefs } from "../git/refs.ts";
import { acquireLock } from "./acquire.ts";
import { breakLock } from "./break.ts";
import { LockRemote } from "./remote.ts";

/** Locks a channel until somebody unlocks it. Answers a line with what unlocking asks for. */
export async function lockByHand(
  release: Release,
  channel: string,
  reason: string,
): Promise<string> {
  const { name } = channelNamed(release.pipeline, channel);
  const { claim } = await acquireLock(new LockRemote(await remoteOf(release)), {
    ...{ name, reason, kind: "manual", holder: release.operator },
    command: `lock --channel ${name}`,
  });
  return `${name} is locked; to unlock it: sluice call unlock --channel ${name} --claim ${claim}\n`;
}

/** Takes a channel's lock away from whoever has it, if it is the one with this claim. */
export async function unlock(release: Release, channel: string, claim: string): Promise<string> {
  const { name } = channelNamed(release.pipeline, channel);
  const { holder } = await breakLock(new LockRemote(await remoteOf(release)), { name, claim });
  return `${name} is unlocked; ${holder} held it\n`;
}

/** The git remote, for what can't be done without. Throws `GIT_REMOTE_MISSING`. */
export async function remoteOf(release: Pick<Release, "remote">): Promise<RemoteRefs> {
  const remote = await release.remote();
  if (remote) return remote;
  throw new SluiceError("GIT_REMOTE_MISSING", "the source has no git remote", {
    hint: "add one (git remote add origin …), or name it in the pipeline file: git.remote",
  });
}
