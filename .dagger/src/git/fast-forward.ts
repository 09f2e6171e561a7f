import { SluiceError } from "../error.ts";
import { type RemoteRefs, short } from "./refs.ts";

/**
 * Moves a branch of the remote forward. It is created when `from` is undefined.
 *
 * @param from the commit at its head, as it was seen
 * @throws SluiceError `HISTORIES_UNRELATED`, `NOT_FAST_FORWARD` (nothing has changed then);
 *   `REF_MOVED`, `REF_REFUSED`, `HISTORY_MISSING`, or why the remote can't be asked
 */
export async function fastForward(
  refs: RemoteRefs,
  branch: string,
  from: string | undefined,
  to: string,
): Promise<void> {
  await (from === undefined ? refs.history.have(to) : assertForward(refs, branch, from, to));
  if (from !== to) await refs.pushRefs([{ ref: `refs/heads/${branch}`, from, to }]);
}

async function assertForward(
  refs: RemoteRefs,
  branch: string,
  from: string,
  to: string,
): Promise<void> {
  const relation = await refs.history.relation(from, to);
  const refused = (code: string, why: string, hint: string): SluiceError =>
    new SluiceError(code, `${branch} can't be moved forward to ${short(to)}: ${why}`, { hint });
  switch (relation) {
    case "same":
    case "ancestor":
      return;
    case "descendant":
      throw refused(
        "NOT_FAST_FORWARD",
        `it is at ${short(from)}, which is newer and has that commit already`,
        "promote a newer commit; to go back, roll back, or reconcile the branch",
      );
    case "diverged":
      throw refused(
        "NOT_FAST_FORWARD",
        `it is at ${short(from)}, which has commits that ${short(to)} doesn't`,
        `merge ${branch} into what you release, or reconcile the branch`,
      );
    case "unrelated":
      throw refused(
        "HISTORIES_UNRELATED",
        `it is at ${short(from)}, which has no commit in common with ${short(to)}`,
        "reconcile the branch once: its head is kept under a tag, then it is reset",
      );
  }
}
