import { SluiceError } from "../../error.ts";
import type { History } from "../../git/history.ts";

/**
 * The commit at the head of a remote's branch; undefined when there is no such branch.
 *
 * @throws SluiceError `REMOTE_MISSING` without a remote: nothing can be said of its branches then
 */
export async function branchHead(history: History, branch: string): Promise<string | undefined> {
  if (history.remote === undefined) {
    throw new SluiceError("REMOTE_MISSING", `the source has no remote to ask for ${branch}`, {
      hint: "name the repository under git.remote in the pipeline file",
    });
  }
  return history.branch(branch);
}
