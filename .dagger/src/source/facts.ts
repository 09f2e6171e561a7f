import type { Directory } from "@dagger.io/dagger";
import { openHistory } from "../git/repository.ts";
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
  const repository = await openHistory(checkout.directory(".git"));
  try {
    const [committedAt, origin] = await Promise.all([
      repository.history.committedAt(commit),
      originOf(source),
    ]);
    return { committedAt, origin };
  } finally {
    await repository.close();
  }
}
