import { z } from "zod";
import { eventMarker, hasLine } from "../../announce/marker.ts";
import type { ReleaseEvent } from "../../announce/event.ts";
import { onceWritten } from "../once-written.ts";
import { asked, listOf, pages, type Forum, type Page } from "./ask.ts";
import { authorFields, isTrusted } from "./author.ts";
import { operations } from "./operations.ts";

/** What was written a day before an event is not of it, however wrong a clock may be. */
const SKEW_MS = 86_400_000;

const comment = z.object({
  id: z.string(),
  url: z.string(),
  body: z.string(),
  createdAt: z.iso.datetime({ offset: true }),
  ...authorFields,
});
const comments = z.object({
  node: z.object({
    comments: z.object({
      nodes: listOf(comment),
      pageInfo: z.object({ hasPreviousPage: z.boolean(), startCursor: z.string().nullable() }),
    }),
  }),
});
const added = z.object({
  addDiscussionComment: z.object({ comment: z.object({ id: z.string(), url: z.string() }) }),
});

/** A comment of a thread. */
export type Comment = z.infer<typeof comment>;

/** Where a comment can be read. */
type Written = Pick<Comment, "id" | "url">;

/** A page of a thread's comments, oldest first in it; the newest page comes first. */
export async function commentsPage(
  forum: Forum,
  thread: string,
  before: string | null,
): Promise<Page<Comment>> {
  const { node } = await asked(forum, comments, operations.comments, { thread, before });
  const { nodes, pageInfo } = node.comments;
  return {
    items: nodes.filter(isTrusted),
    next: pageInfo.hasPreviousPage ? pageInfo.startCursor : null,
  };
}

/** The oldest comment that tells of an event; undefined for none. */
async function findComment(
  forum: Forum,
  thread: string,
  event: ReleaseEvent,
): Promise<Comment | undefined> {
  const marker = eventMarker(event.id);
  // A merge is told when somebody wants it told, again too: its time says nothing of the first one.
  const earliest = event.kind === "merged" ? -Infinity : Date.parse(event.at) - SKEW_MS;
  let found: Comment | undefined;
  for await (const items of pages((before) => commentsPage(forum, thread, before))) {
    found = items.find(({ body }) => hasLine(body, marker)) ?? found;
    const [oldest] = items;
    if (oldest && Date.parse(oldest.createdAt) < earliest) break;
  }
  return found;
}

/**
 * Adds a comment that tells of an event, once. When two runs do so at once, the older one stays.
 *
 * @returns the comment, and whether it is new
 */
export async function ensureComment(
  forum: Forum,
  thread: string,
  event: ReleaseEvent,
  body: string,
): Promise<{ comment: Written; isNew: boolean }> {
  let own: Written | undefined;
  const comment = await onceWritten<Written>({
    find: () => findComment(forum, thread, event),
    write: async () => {
      const variables = { thread, body };
      own = (await asked(forum, added, operations.addComment, variables)).addDiscussionComment
        .comment;
      return own;
    },
  });
  if (!own) return { comment, isNew: false };
  const oldest = (await findComment(forum, thread, event)) ?? own;
  if (oldest.id === own.id) return { comment: own, isNew: true };
  // Two comments are better than none: one that can't be deleted stays.
  const variables = { comment: own.id };
  await asked(forum, z.unknown(), operations.deleteComment, variables).catch(() => undefined);
  return { comment: oldest, isNew: false };
}
