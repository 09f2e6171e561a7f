import { z } from "zod";
import type { Connection } from "./connection.ts";
import { RegistryError } from "./failure.ts";
import { jsonOf } from "./json.ts";
import { pagesOf } from "./pages.ts";

const PAGE_SIZE = 1000;

const tagPage = z.object({ tags: z.array(z.string()).nullish() });

/** All tags of a repository, page by page; none when there is no such repository. */
export async function listTags(connection: Connection, repository: string): Promise<string[]> {
  const what = `GET tags of ${connection.host}/${repository}`;
  const path = `tags/list?n=${PAGE_SIZE}`;
  const tags: string[] = [];
  for await (const { bytes } of pagesOf(connection, { repository, path, absent: [404], what })) {
    const parsed = tagPage.safeParse(jsonOf(bytes));
    if (!parsed.success) {
      throw new RegistryError("REGISTRY_PROTOCOL", `${what}: the answer is no list of tags`);
    }
    tags.push(...(parsed.data.tags ?? []));
  }
  return tags;
}
