import { interruptedName } from "../promote/recover.ts";
import type { ChannelState } from "../ledger/channel-state.ts";
import { heldName } from "../registry/digest.ts";
import type { ChannelStatus, RefStatus } from "./model.ts";

/** What of a channel is not as the ledger says, and what to do about it: a line each. */
export function driftOf(
  { channel, holds, refs, branch, lock }: Omit<ChannelStatus, "drift" | "targets">,
  { interrupted }: Pick<ChannelState, "interrupted">,
): string[] {
  if (interrupted) {
    const what = interruptedName(interrupted);
    const recover = `sluice call recover --channel ${channel}`;
    return [
      lock
        ? `${what}, or is still at it, as its lock says; if ${lock.holder} is gone, unlock it, then run: ${recover}`
        : `${what} is neither finished nor undone; run: ${recover}`,
    ];
  }
  const tags = refs.flatMap((ref) => refDrift(ref));
  if (!branch || !holds || branch.commit === holds.commit) return tags;
  const at = branch.commit?.slice(0, 12) ?? "nothing";
  return [
    ...tags,
    `branch ${branch.name} is at ${at}, ${channel} holds ${holds.commit.slice(0, 12)}: what follows the branch has something else`,
  ];
}

function refDrift({ ref, digest, recorded }: RefStatus): string[] {
  if (digest === recorded) return [];
  if (recorded === null) return [`${ref} holds ${heldName(digest)}, which no promotion recorded`];
  return [
    `${ref} holds ${heldName(digest)}, recorded is ${heldName(recorded)}: it was moved or removed by something else; promote or roll back to bring it in line`,
  ];
}
