import { fastForward } from "../git/fast-forward.ts";
import type { ChangeRecord } from "../ledger/model.ts";
import type { Release } from "../release.ts";
import type { Change } from "./change.ts";

/** A branch of the git remote that is to move along with the tags. */
export interface BranchMove {
  facts: NonNullable<ChangeRecord["branch"]>;
  move(): Promise<void>;
}

/** The fast-forward that a change takes; undefined when the branch is there, or there is none. */
export async function branchMove(
  release: Release,
  { branch, commit }: Pick<Change, "branch" | "commit">,
): Promise<BranchMove | undefined> {
  if (branch === undefined) return undefined;
  const remote = await release.remote();
  // The gate has said so already.
  if (!remote) throw new Error(`branch ${branch}: the source has no git remote`);
  const from = await remote.history.branch(branch);
  if (from === commit) return undefined;
  return {
    facts: { name: branch, from: from ?? null, to: commit },
    move: () => fastForward(remote, branch, from, commit),
  };
}
