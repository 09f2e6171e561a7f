import { SluiceError } from "../error.ts";
import { isBranchName } from "../pipeline/schema/branch.ts";
import type { RemoteRefs } from "./refs.ts";

/** More than one a day has a number; nobody cuts more than this. */
const MOST_A_DAY = 50;

/**
 * Cuts a branch on the remote. One that stands on this very commit already is taken as it is.
 *
 * @param name default: `release/<date>`, with a number from the second one of a day on
 * @throws SluiceError `BRANCH_INVALID`, `BRANCH_TAKEN`, `HISTORY_MISSING`, and what `pushRefs` throws
 */
export async function cutReleaseBranch(
  remote: Pick<RemoteRefs, "read" | "pushRefs" | "history">,
  { name, commit, now }: { name: string | undefined; commit: string; now: Date },
): Promise<{ name: string; isNew: boolean }> {
  const found = await releaseBranchFor(remote, { name, commit, now });
  if (found.isNew) {
    await remote.history.have(commit);
    await remote.pushRefs([{ ref: refOf(found.name), from: undefined, to: commit }]);
  }
  return found;
}

/** The branch that `cutReleaseBranch` would cut, or take. Changes nothing. */
export async function releaseBranchFor(
  remote: Pick<RemoteRefs, "read">,
  { name, commit, now }: { name: string | undefined; commit: string; now: Date },
): Promise<{ name: string; isNew: boolean }> {
  const names = name === undefined ? dated(now) : [name];
  if (!names.every(isBranchName)) {
    throw new SluiceError("BRANCH_INVALID", `${JSON.stringify(name?.slice(0, 200))} is no branch`, {
      hint: "take a name that git allows, such as release/2026-01-31",
    });
  }
  const held = await remote.read(...names.map(refOf));
  const same = names.find((one) => held.get(refOf(one)) === commit);
  if (same !== undefined) return { name: same, isNew: false };
  const free = names.find((one) => !held.has(refOf(one)));
  if (free !== undefined) return { name: free, isNew: true };
  throw new SluiceError("BRANCH_TAKEN", `${names[0] ?? ""} stands on another commit already`, {
    hint: "name another one with --name",
  });
}

function dated(now: Date): string[] {
  const day = `release/${now.toISOString().slice(0, 10)}`;
  return Array.from({ length: MOST_A_DAY }, (_, index) =>
    index === 0 ? day : `${day}-${index + 1}`,
  );
}

function refOf(name: string): string {
  return `refs/heads/${name}`;
}
