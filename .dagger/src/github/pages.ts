import type { z } from "zod";

/** As many as GitHub itself lists of one thing, several times over. */
const MAX_PAGES = 50;

/** A page of what GitHub lists. */
interface Page {
  data: unknown;
  headers: { link?: string | undefined };
}

/**
 * Reads page after page. Octokit's own pagination takes a conflict for the end of the list, which
 * would hide what is on the pages that are left.
 */
export async function allPages<T>(
  schema: z.ZodType<T[]>,
  read: (page: number) => Promise<Page>,
): Promise<T[]> {
  const items: T[] = [];
  for (let page = 1; page <= MAX_PAGES; page++) {
    const { data, headers } = await read(page);
    items.push(...schema.parse(data));
    if (!headers.link?.includes('rel="next"')) return items;
  }
  throw new Error(`more than ${MAX_PAGES} pages`);
}
