import { z } from "zod";
import { onceWritten } from "../once-written.ts";
import { asked, listOf, pages, type Forum } from "./ask.ts";
import { authorFields, isTrusted } from "./author.ts";
import type { Home } from "./home.ts";
import { operations } from "./operations.ts";

const thread = z.object({
  id: z.string(),
  number: z.number().int(),
  title: z.string(),
  url: z.string(),
  locked: z.boolean(),
  closed: z.boolean(),
  ...authorFields,
  labels: z.object({ nodes: listOf(z.object({ name: z.string() })) }).nullable(),
});
const threads = z.object({
  repository: z.object({
    discussions: z.object({
      nodes: listOf(thread),
      pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
    }),
  }),
});
const created = z.object({ createDiscussion: z.object({ discussion: thread }) });

/** A thread of discussions. */
export type Thread = z.infer<typeof thread>;

/**
 * The thread of a title: the oldest one that is open and of somebody of the repository, or else the
 * oldest one that was closed. Undefined for none.
 */
export async function findThread(
  forum: Forum,
  { category }: Home,
  title: string,
): Promise<Thread | undefined> {
  const { owner, repo } = forum.repository;
  const read = async (after: string | null) => {
    const variables = { owner, repo, category, after };
    const { repository } = await asked(forum, threads, operations.threads, variables);
    const { nodes, pageInfo } = repository.discussions;
    return { items: nodes, next: pageInfo.hasNextPage ? pageInfo.endCursor : null };
  };
  const found: Thread[] = [];
  for await (const items of pages(read)) {
    found.push(...items.filter((one) => one.title === title.trim() && isTrusted(one)));
  }
  // Several of the same second are in no order; their numbers are.
  found.sort(
    (one, other) => Number(one.closed) - Number(other.closed) || one.number - other.number,
  );
  return found[0];
}

/**
 * The thread of a title, begun when there is none. When two runs begin it at once, the older one
 * stays; the newer one is empty, and deleted by the run that made it.
 */
export async function ensureThread(
  forum: Forum,
  home: Home,
  { title, body }: { title: string; body: string },
): Promise<Thread> {
  let own: Thread | undefined;
  const thread = await onceWritten({
    find: () => findThread(forum, home, title),
    write: async () => {
      const variables = { home: home.repository, category: home.category, title, body };
      const { createDiscussion } = await asked(forum, created, operations.createThread, variables);
      own = createDiscussion.discussion;
      return own;
    },
  });
  if (!own) return thread;
  const oldest = (await findThread(forum, home, title)) ?? own;
  if (oldest.id !== own.id) await dropThread(forum, own);
  return oldest;
}

/** Nobody has to be told of an empty thread that can't be deleted. */
async function dropThread(forum: Forum, { id }: Thread): Promise<void> {
  await asked(forum, z.unknown(), operations.deleteThread, { thread: id }).catch(() => undefined);
}
