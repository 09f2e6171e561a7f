import type { Connection } from "./connection.ts";
import { RegistryError } from "./failure.ts";
import { redirectTarget } from "./http/redirect.ts";
import type { Reply } from "./http/send.ts";

const MAX_PAGE_BYTES = 8 * 1024 * 1024;
/** A registry that always names a next page must not be followed for ever. */
const MAX_PAGES = 1000;

/** A list of a repository, that may come in pages. */
interface ListCall {
  repository: string;
  /** Of the first page, below `/v2/<repository>/`. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  /** Answers that mean that there is no such list. */
  absent: readonly number[];
  /** For messages. */
  what: string;
}

/** The pages of a list, one after the other; none where there is no such list. */
export async function* pagesOf(connection: Connection, call: ListCall): AsyncGenerator<Reply> {
  const { repository, headers, absent, what } = call;
  let next: string | URL | undefined = call.path;
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
        headers,
        maxBytes: MAX_PAGE_BYTES,
        what,
      });
      if (answer.status === 200 || absent.includes(answer.status)) return answer;
      throw connection.refusal(what, answer);
    });
    if (reply.status !== 200) return;
    yield reply;
    const link = /<([^>]+)>\s*;\s*rel="?next"?/i.exec(reply.headers.get("link") ?? "")?.[1];
    const base: URL = new URL(path, new URL(`/v2/${repository}/`, connection.origin));
    next = link === undefined ? undefined : redirectTarget(base, link);
  }
}
