import type { Octokit } from "@octokit/rest";
import { z } from "zod";
import { SluiceError } from "../../error.ts";
import type { GithubAsk } from "../failure.ts";
import type { GithubRepository } from "../repository.ts";
import { refusalOf } from "./failure.ts";

/** As many as GitHub has of one thing, several times over. */
const MAX_PAGES = 100;

/** What is asked for, and what it needs. */
export const ASK: GithubAsk = { what: "write discussions in", needs: "discussions: write" };

/** The same for the label of a thread. */
export const LABEL_ASK: GithubAsk = {
  what: "label discussions in",
  needs: "discussions: write, issues: write",
};

/** A repository, and who asks it. */
export interface Forum {
  readonly octokit: Pick<Octokit, "graphql">;
  readonly repository: GithubRepository;
}

/**
 * Asks GraphQL.
 *
 * @throws SluiceError for what it refuses; what leaves open whether a write was applied is thrown as
 *   it came, for `onceWritten` to look
 */
export async function asked<T>(
  { octokit, repository }: Forum,
  schema: z.ZodType<T>,
  operation: string,
  variables: Readonly<Record<string, unknown>>,
  ask = ASK,
): Promise<T> {
  try {
    return schema.parse(await octokit.graphql(operation, variables));
  } catch (error) {
    throw refusalOf(repository, ask, error) ?? error;
  }
}

/** Items of a list; GitHub leaves holes where it can't show one. */
export function listOf<T extends z.ZodType>(item: T) {
  return z
    .array(item.nullable())
    .transform((items) => items.filter((one): one is NonNullable<z.infer<T>> => one !== null));
}

/** A page of a list, with where the next one begins; null for the last one. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

/** Page after page, as long as more is asked for. */
export async function* pages<T>(
  read: (cursor: string | null) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let cursor: string | null = null;
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { items, next }: Page<T> = await read(cursor);
    yield items;
    if (next === null) return;
    cursor = next;
  }
  throw new SluiceError("GITHUB_REFUSED", `a list on GitHub has more than ${MAX_PAGES} pages`, {
    hint: "begin a new thread under another title in the pipeline file",
  });
}
