import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { asked, listOf, pages, type Forum } from "./ask.ts";
import { operations } from "./operations.ts";

const home = z.object({
  repository: z.object({
    id: z.string(),
    hasDiscussionsEnabled: z.boolean(),
    discussionCategories: z.object({
      nodes: listOf(z.object({ id: z.string(), name: z.string() })),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});

/** Where a thread lies: GitHub's own ids. */
export interface Home {
  readonly repository: string;
  readonly category: string;
}

/**
 * The category of a repository's discussions, by its name.
 *
 * @throws SluiceError `DISCUSSIONS_DISABLED`; `DISCUSSION_CATEGORY_MISSING` naming those there are
 */
export async function findHome(forum: Forum, category: string): Promise<Home> {
  const { owner, repo } = forum.repository;
  const known: string[] = [];
  let id = "";
  const read = async (after: string | null) => {
    const { repository } = await asked(forum, home, operations.home, { owner, repo, after });
    id = repository.id;
    if (!repository.hasDiscussionsEnabled) throw disabled(`${owner}/${repo}`);
    const { nodes, pageInfo } = repository.discussionCategories;
    return { items: nodes, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
  };
  for await (const items of pages(read)) {
    const found = items.find(({ name }) => same(name, category));
    if (found) return { repository: id, category: found.id };
    known.push(...items.map(({ name }) => name));
  }
  throw new SluiceError(
    "DISCUSSION_CATEGORY_MISSING",
    `${owner}/${repo} has no discussion category ${JSON.stringify(category)}: expected one of ${known.join(", ") || "none"}`,
    {
      hint: "create the category in the repository's Discussions, or name another one in the pipeline file",
    },
  );
}

/** GitHub shows them as people wrote them; a category's emoji is no part of its name. */
function same(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.trim().toLowerCase();
}

function disabled(name: string): SluiceError {
  return new SluiceError("DISCUSSIONS_DISABLED", `Discussions are switched off in ${name}`, {
    hint: "switch them on in the repository's settings, under General, Features",
  });
}
