import type { Directory } from "@dagger.io/dagger";
import { firstLine, SluiceError } from "../error.ts";

const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a source brings its git repository along. */
export async function hasRepository(source: Directory): Promise<boolean> {
  return (await source.entries()).some((name) => name.replace(/\/$/, "") === ".git");
}

/** Gives a full commit id back. Throws `COMMIT_INVALID`: an abbreviation may come to mean another commit. */
export function checkedCommit(text: string): string {
  const commit = text.trim().toLowerCase();
  if (COMMIT.test(commit)) return commit;
  throw new SluiceError(
    "COMMIT_INVALID",
    `--commit: expected 40 hexadecimal digits, got ${JSON.stringify(text.slice(0, 200))}`,
    { hint: "give the whole id: git rev-parse <name>" },
  );
}

/** The commit that a command is about: the one given, or the source's HEAD. */
export async function commitOf(source: Directory, given?: string): Promise<string> {
  if (given !== undefined) return checkedCommit(given);
  if (!(await hasRepository(source))) throw unknown("the source has no git repository");
  try {
    return checkedCommit(await source.asGit().head().commit());
  } catch (error) {
    throw unknown(firstLine(error), error);
  }
}

function unknown(why: string, cause?: unknown): SluiceError {
  return new SluiceError("COMMIT_UNKNOWN", `which commit is meant is not known: ${why}`, {
    cause,
    hint: "name it with --commit, or give the root of a git repository with --source",
  });
}
