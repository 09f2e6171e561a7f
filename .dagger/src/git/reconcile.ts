import { SluiceError } from "../error.ts";
import { type RemoteRefs, short } from "./refs.ts";
import { cutTag, firstFree } from "./tags.ts";

/** A branch that is to be reset to a commit which is not ahead of it. */
export interface Reconciliation {
  branch: string;
  to: string;
  /** What the operator typed. Has to be `confirmationOf` what would happen. */
  confirm: string | undefined;
  /** For the archive tag's name. Default: now. */
  date?: Date;
}

/** What was done. */
export interface Reconciled {
  /** Tag that keeps the old head. */
  archive: string;
  from: string;
  to: string;
}

/** What to type so that a branch is reset. It names both ends, so it fits no other reset. */
export function confirmationOf(branch: string, from: string, to: string): string {
  return `reset ${branch} from ${short(from)} to ${short(to)}`;
}

/**
 * Resets a branch of the remote to a commit, whatever it holds. The old head is kept under a tag
 * `archive/<branch>-<date>` first; then the branch moves, if it still holds that head.
 *
 * @throws SluiceError `RECONCILE_UNCONFIRMED` with what would happen and what to type (nothing has
 *   changed then), `BRANCH_MISSING`, `REF_MOVED`, `REF_REFUSED`, `HISTORY_MISSING`, or why the
 *   remote can't be asked
 */
export async function reconcile(
  refs: RemoteRefs,
  { branch, to, confirm, date = new Date() }: Reconciliation,
): Promise<Reconciled> {
  const { history } = refs;
  history.refresh();
  const from = await history.branch(branch);
  if (from === undefined) throw branchMissing(branch, refs.remote.url);
  await history.have(to);
  const archive = await archiveFor(refs, branch, from, date);
  const wanted = confirmationOf(branch, from, to);
  if (confirm?.trim() !== wanted) throw unconfirmed(branch, from, to, archive, wanted);
  await cutTag(refs, {
    name: archive,
    commit: from,
    message: `${branch} before it was reset to ${to}\n\nTo go back: git push --force-with-lease=${branch}:${to} origin ${from}:refs/heads/${branch}`,
  });
  await refs.pushRefs([{ ref: `refs/heads/${branch}`, from, to }]);
  return { archive, from, to };
}

/** The archive tag that an interrupted run left on this head, or the name for a new one. */
async function archiveFor(
  { history }: RemoteRefs,
  branch: string,
  head: string,
  date: Date,
): Promise<string> {
  const tags = await history.tags();
  const kept = tags.find(
    ({ name, commit }) => commit === head && name.startsWith(`archive/${branch}-`),
  );
  const name = `archive/${branch}-${date.toISOString().slice(0, 10)}`;
  return (
    kept?.name ??
    firstFree(
      name,
      tags.map((tag) => tag.name),
    )
  );
}

function unconfirmed(
  branch: string,
  from: string,
  to: string,
  archive: string,
  wanted: string,
): SluiceError {
  return new SluiceError("RECONCILE_UNCONFIRMED", `${branch} was not reset: nobody confirmed it`, {
    detail: [
      "What would happen:",
      `  1. tag ${archive} is put on ${from}, so that nothing is lost`,
      `  2. branch ${branch} is moved to ${to}, and only if it is still at ${short(from)}`,
    ].join("\n"),
    hint: `if that is what you want, give exactly: --confirm ${JSON.stringify(wanted)}`,
  });
}

function branchMissing(branch: string, url: string): SluiceError {
  return new SluiceError("BRANCH_MISSING", `${url} has no branch ${branch}`, {
    hint: "there is nothing to reconcile: the next promotion creates it",
  });
}
