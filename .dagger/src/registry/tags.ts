import { z } from "zod";
import type { Connection } from "./connection.ts";
import { RegistryError } from "./failure.ts";
import { redirectTarget } from "./http/redirect.ts";
import { jsonOf } from "./json.ts";

const MAX_PAGE_BYTES = 8 * 1024 * 1024;
const PAGE_SIZE = 1000;
/** A registry that always names a next page must not be followed for ever. */
const MAX_PAGES = 1000;

const tagPage = z.object({ tags: z.array(z.string()).nullish() });

/** All tags of a repository, page by page; none when there is no such repository. */
export async function listTags(connection: Connection, repository: string): Promise<string[]> {
  const what = `GET tags of ${connection.host}/${repository}`;
  const tags: string[] = [];
  let next: string | URL | undefined = `tags/list?n=${PAGE_SIZE}`;
  for (let page = 0; next !== undefined; page++) {
    if (page === MAX_PAGES) {
      throw new RegistryError("REGISTRY_PROTOCOL", `${what}: more than ${MAX_PAGES} pages`);
    }
    const path: string | URL = next;
    const reply = await connection.retried(async () => {
      const answer = await connection.call({
        method: "GET",
        repository,
        path,
        maxBytes: MAX_PAGE_BYTES,
        what,
      });
      if (answer.status !== 200 && answer.status !== 404) throw connection.refusal(what, answer);
      return answer;
    });
    if (reply.status === 404) return tags;
    const parsed = tagPage.safeParse(jsonOf(reply.bytes));
    if (!parsed.success) {
      throw new RegistryError("REGISTRY_PROTOCOL", `${what}: the answer is no list of tags`);
    }
    tags.push(...(parsed.data.tags ?? []));
    const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(reply.headers.get("link") ?? "")?.[1];
    const base: URL = new URL(path, new URL(`/v2/${repository}/`, connection.origin));
    next = link === undefined ? undefined : redirectTarget(base, link);
  }
  return tags;
}
