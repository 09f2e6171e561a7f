import type { Reply } from "./call.ts";

const PER_PAGE = 30;

/** What is sent. */
interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** The page of a list that is asked for, with links to the others; other replies as they are. */
export function paged(reply: Reply, url: URL, most: number): Answer {
  if (!("items" in reply)) {
    return { status: reply.status, headers: {}, body: reply.bytes ?? reply.body };
  }
  const { items, wrap } = reply;
  const size = Math.min(Number(url.searchParams.get("per_page") ?? PER_PAGE), most);
  const page = Number(url.searchParams.get("page") ?? 1);
  const cut = items.slice((page - 1) * size, page * size);
  return {
    status: 200,
    headers: linksOf(url, page, Math.ceil(items.length / size)),
    body: wrap ? wrap(cut, items.length) : cut,
  };
}

function linksOf(url: URL, page: number, last: number): Record<string, string> {
  const to = (number: number, rel: string) => {
    const other = new URL(url);
    other.searchParams.set("page", String(number));
    return `<${other.href}>; rel="${rel}"`;
  };
  const links = [
    ...(page > 1 ? [to(page - 1, "prev"), to(1, "first")] : []),
    ...(page < last ? [to(page + 1, "next"), to(last, "last")] : []),
  ];
  return links.length === 0 ? {} : { link: links.join(", ") };
}
