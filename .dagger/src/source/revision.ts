import type { Directory, GitRef } from "@dagger.io/dagger";
import { firstLine, SluiceError } from "../error.ts";
import { checkedCommit, commitOf, hasRepository } from "./commit.ts";
import { type Facts, readFacts } from "./facts.ts";
import { unignored } from "./ignored.ts";

/** The files that are built, and what is known of where they come from. */
export interface Revision {
  commit: string;
  /** Without the repository itself. */
  files: Directory;
  /** Paths that differ from the commit, when the files are those of the work tree. */
  changed: readonly string[];
  /** Reads what the repository says of the commit: only builds need it. */
  facts: () => Promise<Facts>;
}

/**
 * What is to be built. A commit's own files are taken, so that nothing that git ignores gets into
 * an image; those of the work tree only while they differ from HEAD.
 *
 * @param given a commit; default HEAD
 * @throws SluiceError `COMMIT_UNKNOWN`, `COMMIT_INVALID`
 */
export async function revisionOf(source: Directory, given?: string): Promise<Revision> {
  if (!(await hasRepository(source))) {
    const commit = await commitOf(source, given);
    const facts = async () => ({ committedAt: undefined, origin: undefined });
    return { commit, files: source, changed: [], facts };
  }
  const repository = source.asGit();
  const ref = given === undefined ? repository.head() : repository.commit(checkedCommit(given));
  const [commit, changed] = await Promise.all([
    resolved(ref, given),
    given === undefined ? changedPaths(source) : [],
  ]);
  const tree = ref.tree();
  const files = changed.length > 0 ? source : tree;
  return {
    commit,
    files: files.withoutDirectory(".git"),
    changed,
    // An engine takes a commit's id as it is, and looks for it when its files are needed.
    facts: () =>
      readFacts(source, tree, commit).catch((error: unknown) => {
        throw unreadable(commit, error);
      }),
  };
}

async function resolved(ref: GitRef, given: string | undefined): Promise<string> {
  try {
    return checkedCommit(await ref.commit());
  } catch (error) {
    throw unreadable(given ?? "HEAD", error);
  }
}

function unreadable(commit: string, cause: unknown): SluiceError {
  return new SluiceError(
    "COMMIT_UNKNOWN",
    `${commit} can't be read from the source's repository: ${firstLine(cause)}`,
    { cause, hint: "fetch it, or check the id" },
  );
}

/** What was added, modified or removed since HEAD, as far as the source takes files along. */
async function changedPaths(source: Directory): Promise<string[]> {
  const changes = source.asGit().uncommitted();
  if (await changes.isEmpty()) return [];
  const paths = await Promise.all([
    changes.addedPaths(),
    changes.modifiedPaths(),
    changes.removedPaths(),
  ]);
  // An engine also names folders around new files, which are no change of their own.
  return unignored(paths.flat().filter((path) => !path.endsWith("/"))).sort();
}
