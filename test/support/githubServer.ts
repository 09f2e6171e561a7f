import type { IncomingMessage, ServerResponse } from "node:http";
import { webServer } from "./webServer.ts";

/** What the server says of one commit. */
export interface GithubState {
  /** As the API lists them. */
  runs?: object[];
  /** Newest first, as the API lists them. */
  statuses?: object[];
  /** Answers in the place of the next requests; taken from the front. */
  faults?: ((response: ServerResponse) => void)[];
}

/** A server that speaks of `acme/shop` as GitHub Enterprise does, and what it was asked. */
export interface GithubServer {
  /** The git remote. */
  remote: string;
  requests: string[];
}

export const githubToken = "ghp_secret";

/** Items on one page, whatever is asked for: so that a few of them make pages. */
const PER_PAGE = 2;
const ROUTE = /^\/api\/v3\/repos\/acme\/shop\/commits\/([0-9a-f]{40})\/(check-runs|statuses)$/;

/**
 * Serves the documented endpoints that list check runs and commit statuses; everything else is not
 * found.
 */
export async function githubServer(commit: string, state: GithubState): Promise<GithubServer> {
  const requests: string[] = [];
  const port = await webServer((request, response) => {
    requests.push(`${request.method ?? ""} ${request.url ?? ""}`);
    const fault = state.faults?.shift();
    if (fault) fault(response);
    else answer(request, response, commit, state);
  });
  return { remote: `http://127.0.0.1:${port}/acme/shop.git`, requests };
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  commit: string,
  state: GithubState,
): void {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? ""}`);
  const [, ref, what] = ROUTE.exec(url.pathname) ?? [];
  if (request.headers.authorization !== `token ${githubToken}`) {
    send(response, 401, { message: "Bad credentials" });
  } else if (request.method !== "GET" || what === undefined) {
    send(response, 404, { message: "Not Found" });
  } else if (ref !== commit) {
    send(response, 422, { message: `No commit found for SHA: ${ref ?? ""}` });
  } else {
    const all = (what === "check-runs" ? state.runs : state.statuses) ?? [];
    const page = Number(url.searchParams.get("page") ?? "1");
    const items = all.slice((page - 1) * PER_PAGE, page * PER_PAGE);
    url.searchParams.set("page", String(page + 1));
    const link: Record<string, string> =
      page * PER_PAGE < all.length ? { link: `<${url.href}>; rel="next"` } : {};
    const body = what === "check-runs" ? { total_count: all.length, check_runs: items } : items;
    send(response, 200, body, link);
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Record<string, string> = {},
): void {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers })
    .end(JSON.stringify(body));
}
