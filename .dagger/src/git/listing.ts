import { remoteFailure } from "./failure.ts";
import type { Git } from "./git.ts";
import type { Remote } from "./remote.ts";

/** Object by full name of the ref; `refs/tags/v1^{}` is what an annotated tag stands for. */
export type RefListing = ReadonlyMap<string, string>;

const LINE = /^([0-9a-f]{40})\t(\S+)$/;

/**
 * What a repository's refs hold right now, in one request.
 *
 * @param refs full names; default all branches and tags
 * @throws SluiceError `GIT_REMOTE_UNREACHABLE`, `GIT_AUTH_FAILED`, `GIT_HOST_KEY_UNKNOWN`
 */
export async function listRefs(
  git: Git,
  remote: Remote,
  refs?: readonly string[],
): Promise<RefListing> {
  const args =
    refs === undefined
      ? ["ls-remote", "--heads", "--tags", "--", remote.url]
      : ["ls-remote", "--", remote.url, ...refs];
  const result = await git.run(args);
  if (result.code !== 0) throw remoteFailure(remote, result);
  const found = new Map<string, string>();
  for (const line of result.stdout.split("\n")) {
    const [, object, ref] = LINE.exec(line) ?? [];
    // Git takes a name for a pattern, and answers what ends with it, too.
    if (object !== undefined && ref !== undefined && (refs?.includes(ref) ?? true)) {
      found.set(ref, object);
    }
  }
  return found;
}
