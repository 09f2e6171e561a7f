import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { appRoutes, askerOf, refusalOf, type Credentials } from "./auth.ts";
import { invalid, notFound, type Reply, type Routes } from "./call.ts";
import { faultFor, type Fault } from "./faults.ts";
import { operationFor, type Matched } from "./openapi.ts";
import type { GithubRequest, GithubServerOptions, GraphqlRequest } from "./options.ts";
import { paged } from "./pages.ts";
import { checks } from "./routes/checks.ts";
import { deployments } from "./routes/deployments.ts";
import { issues } from "./routes/issues.ts";
import { pulls } from "./routes/pulls.ts";
import { releases } from "./routes/releases.ts";
import type { GithubState } from "./state.ts";
import { requestFaults, responseFaults } from "./validate.ts";

/** All that the server is. */
export interface Github {
  state: GithubState;
  faults: Fault[];
  requests: GithubRequest[];
  violations: string[];
  options: GithubServerOptions;
  owner: string;
  repo: string;
  credentials: Credentials;
  ids: { last: number };
}

const ROUTES: Routes = { ...checks, ...deployments, ...issues, ...releases, ...pulls };

/** Answers one request. */
export async function answer(
  github: Github,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const bytes = await buffer(request);
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? ""}`);
  const [, base = "", path = ""] =
    /^(\/api\/v3|\/api\/uploads|\/api(?=\/graphql$)|)(\/.*)$/.exec(url.pathname) ?? [];
  const method = request.method ?? "";
  const json = jsonOf(bytes);
  const graphql = path === "/graphql" && method === "POST";
  const matched = graphql ? undefined : operationFor(method, path);
  const operation = graphql ? "graphql" : (matched?.operation.operationId ?? "");
  const line = `${method} ${url.pathname}${url.search}`;
  github.requests.push({ operation, line, body: json });

  await github.options.before?.(operation);
  const asked: Asked = { url, base, bytes, json, operation, raw: isRaw(request) };
  const contentType = request.headers["content-type"] ?? "";
  const fault = faultFor(github.faults, operation, line);
  const carryOut = async () =>
    graphql
      ? await graphqlReply(github, request, asked)
      : restReply(github, request, asked, matched, contentType);
  if (fault && !fault.applied) {
    broken(fault, response);
    return;
  }
  const reply = await carryOut();
  if (fault) {
    broken(fault, response);
    return;
  }
  const { status, headers, body } = paged(reply, url, github.options.pageSize ?? 100);
  if (matched && !(body instanceof Buffer)) {
    const faults = responseFaults(matched.operation, status, body);
    github.violations.push(...faults.map((one) => `answer to ${line}: ${one}`));
  }
  send(response, status, headers, body);
}

interface Asked {
  url: URL;
  base: string;
  bytes: Buffer;
  json: unknown;
  operation: string;
  raw: boolean;
}

function restReply(
  github: Github,
  request: IncomingMessage,
  asked: Asked,
  matched: Matched | undefined,
  contentType: string,
): Reply {
  const { url, bytes, json, operation, raw } = asked;
  const { state, owner, repo, credentials, violations, ids } = github;
  const line = `${request.method ?? ""} ${url.pathname}${url.search}`;
  if (!matched) {
    violations.push(`${line}: GitHub has no such operation`);
    return notFound;
  }
  if (request.headers["user-agent"] === undefined) {
    return { status: 403, body: { message: "Request forbidden by administrative rules." } };
  }
  const { params } = matched;
  const query = Object.fromEntries(url.searchParams);
  const faults = requestFaults(matched.operation, { params, query, json, bytes, contentType });
  if (faults.length > 0) {
    violations.push(...faults.map((fault) => `${line}: ${fault}`));
    return invalid(`Invalid request. ${faults.join("; ")}`);
  }
  const { asker, refused } = askerOf(request.headers.authorization, credentials);
  if (refused) return refused;
  const write = request.method !== "GET";
  const refusal = refusalOf(asker, operation, write, state.private);
  if (refusal) return refusal;
  const handler = { ...ROUTES, ...appRoutes(credentials) }[operation];
  if (!handler) {
    violations.push(`${line}: the stand-in does not carry out ${operation}`);
    return { status: 501, body: { message: `the stand-in has no ${operation}` } };
  }
  if (params.owner !== undefined && (params.owner !== owner || params.repo !== repo)) {
    return notFound;
  }
  const api = `${url.origin}${asked.base === "/api/uploads" ? "/api/v3" : asked.base}`;
  return handler({
    ...{ state, params, query, bytes, raw },
    actor: typeof asker === "object" ? asker : { login: "nobody", type: "User" },
    body: (json ?? {}) as Readonly<Record<string, unknown>>,
    url: `${api}/repos/${owner}/${repo}`,
    uploads: `${url.origin}/api/uploads/repos/${owner}/${repo}`,
    html: `${url.origin}/${owner}/${repo}`,
    next: () => (ids.last += 1),
    now: () => new Date(credentials.now()).toISOString().replace(/\.\d+Z$/, "Z"),
  });
}

async function graphqlReply(
  github: Github,
  request: IncomingMessage,
  { url, json }: Asked,
): Promise<Reply> {
  const { options, credentials, owner, repo } = github;
  const { asker, refused } = askerOf(request.headers.authorization, credentials);
  if (refused) return refused;
  if (asker === undefined || asker === "app") {
    return { status: 401, body: { message: "This endpoint requires you to be authenticated." } };
  }
  if (!options.graphql) return notFound;
  const { query = "", variables = {} } = (json ?? {}) as Partial<GraphqlRequest>;
  const html = `${url.origin}/${owner}/${repo}`;
  const context = { actor: asker, owner, repo, html };
  return { status: 200, body: await options.graphql({ query, variables }, context) };
}

function isRaw(request: IncomingMessage): boolean {
  return request.headers.accept === "application/octet-stream";
}

function jsonOf(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    return undefined;
  }
}

function broken({ answer: said }: Fault, response: ServerResponse): void {
  if (said === "hang") return;
  if (said === "reset") {
    response.socket?.resetAndDestroy();
    return;
  }
  send(response, said.status, said.headers ?? {}, said.body ?? { message: "no" });
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: unknown,
): void {
  const plain = typeof body === "string" || body instanceof Buffer;
  response.writeHead(status, {
    "content-type": plain ? "application/octet-stream" : "application/json; charset=utf-8",
    "x-github-request-id": randomUUID(),
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4999",
    "x-ratelimit-reset": String(Math.ceil(Date.now() / 1000) + 3600),
    ...headers,
  });
  response.end(body === undefined ? undefined : plain ? body : JSON.stringify(body));
}
