import { aboutOf } from "../../announce/marker.ts";
import type { ReleaseEvent } from "../../announce/event.ts";
import type { Related } from "../../announce/sections.ts";
import { SluiceError } from "../../error.ts";
import type { PipelineDiscussion } from "../../pipeline/model.ts";
import type { Forum } from "./ask.ts";
import { commentsPage } from "./comments.ts";
import { findHome } from "./home.ts";
import { findThread, type Thread } from "./threads.ts";

/**
 * Where other channels told of an event's commit: the `main` and `live` updates of a promotion to
 * `prod`. Only the newest hundred comments of each thread are read.
 */
export async function relatedUpdates(
  forum: Forum,
  own: Thread | undefined,
  others: readonly PipelineDiscussion[],
  event: ReleaseEvent,
): Promise<Related[]> {
  const threads = await Promise.all(
    others.map(async ({ category, title }) => {
      const home = await findHome(forum, category).catch(noCategory);
      return home && findThread(forum, home, title);
    }),
  );
  const ids = new Set([own, ...threads].flatMap((thread) => thread?.id ?? []));
  const pages = await Promise.all([...ids].map((id) => commentsPage(forum, id, null)));
  return pages
    .flatMap(({ items }) => items)
    .flatMap(({ body, url, createdAt }) => {
      const about = aboutOf(body);
      return about?.commit === event.commit && about.name !== (event.target ?? event.channel)
        ? [{ what: `${about.name}: ${about.kind.replace("-", " ")}`, url, createdAt }]
        : [];
    })
    .sort((one, other) => one.createdAt.localeCompare(other.createdAt))
    .map(({ what, url }) => ({ what, url }));
}

/** What is wrong with another thread is told when that is written to. */
function noCategory(error: unknown): undefined {
  if (error instanceof SluiceError && error.code === "DISCUSSION_CATEGORY_MISSING")
    return undefined;
  throw error;
}
