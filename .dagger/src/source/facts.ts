import { mkdtemp, rm } from "node:fs/promises";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { originOf } from "./origin.ts";

/** What the repository says of a commit. */
export interface Facts {
  /** Seconds since 1970. */
  committedAt: number | undefined;
  /** Web address of the repository. */
  origin: string | undefined;
}

/**
 * Reads a commit's time and the repository's origin.
 *
 * @param checkout a shallow checkout, whose `.git` has little more than this commit
 */
export async function readFacts(
  source: Directory,
  checkout: Directory,
  commit: string,
): Promise<Facts> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-git-"));
  try {
    // The checkout's own configuration names the folder it was fetched from.
    const gitdir = join(folder, "git");
    const [{ default: git }, origin] = await Promise.all([
      import("isomorphic-git"),
      originOf(source),
      checkout.directory(".git").export(gitdir),
    ]);
    const { commit: content } = await git.readCommit({ fs, gitdir, oid: commit });
    return { committedAt: content.committer.timestamp, origin };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
