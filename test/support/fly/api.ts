import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import type { CloudRunner } from "../cloudRunner.ts";
import { webServer } from "../webServer.ts";
import { answerGraphql } from "./graphql.ts";
import { HttpError } from "./httpError.ts";
import { machines } from "./machines.ts";
import { app, type Fault, type StandInApp } from "./model.ts";
import { world, type World } from "./world.ts";

/** A stand-in for Fly.io: its GraphQL and Machines APIs, and the logs of apps. */
export interface FlyApi {
  /** Base URL of both APIs. */
  url: string;
  apps: Map<string, StandInApp>;
  /** The next of them that fits a request answers it. */
  faults: Fault[];
  /** `GET /v1/apps/shop/machines`, in order; of GraphQL, the field that was asked for. */
  requests: string[];
}

export interface FlyApiOptions {
  /** The only one that is accepted; default `fly-token`. */
  token?: string;
  /** Names of apps that there are; default `shop`. */
  apps?: readonly string[];
  /** Host of its registry; default: none that is asked. */
  registry?: string;
  /** Lets machines really run. */
  runner?: CloudRunner;
}

const question = z.strictObject({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).default({}),
});

/** Serves while the test runs. */
export async function flyApi({
  token = "fly-token",
  apps: names = ["shop"],
  registry = "registry.fly.io",
  runner,
}: FlyApiOptions = {}): Promise<FlyApi> {
  const apps = new Map(names.map((name) => [name, app(name)]));
  const api: FlyApi = { url: "", apps, faults: [], requests: [] };
  const around = world({ registry, token, runner });
  const port = await webServer((request, response) => {
    void handle(api, around, token, request, response);
  });
  return Object.assign(api, { url: `http://127.0.0.1:${port}` });
}

async function handle(
  api: FlyApi,
  around: World,
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // One that is kept open may be closed just as the next request is sent, which would be no fault of Fly's.
  response.setHeader("connection", "close");
  const text = await bodyOf(request);
  const { method = "", url: path = "/" } = request;
  const line = `${method} ${path}`;
  api.requests.push(line === "POST /graphql" ? `${line} ${fieldIn(text)}` : line);
  const fault = faultFor(api, `${line} ${text}`);
  if (fault) {
    fault.answer(response, request);
    return;
  }
  const known = ["Bearer", "FlyV1"].some(
    (scheme) => request.headers.authorization === `${scheme} ${token}`,
  );
  try {
    send(response, 200, await answer(api, around, known, request, text));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    send(response, error.status, { error: error.message });
  }
}

async function answer(
  { apps }: FlyApi,
  around: World,
  known: boolean,
  { method = "", url = "/", headers }: IncomingMessage,
  text: string,
): Promise<unknown> {
  const { pathname, searchParams: query } = new URL(url, "http://fly");
  if (pathname === "/graphql") {
    if (method !== "POST") throw new HttpError(405, "method not allowed");
    const message = "You must be authenticated to view this.";
    if (!known) return { errors: [{ message, extensions: { code: "UNAUTHORIZED" } }] };
    return answerGraphql(around, apps, question.parse(JSON.parse(text)));
  }
  if (!known) throw new HttpError(401, "unauthorized");
  const [, base, name = "", what, ...path] =
    /^\/(v1|api\/v1)\/apps\/([^/]+)(?:\/(machines|logs)(.*))?$/.exec(pathname) ?? [];
  const found = apps.get(name);
  if (base === undefined) throw new HttpError(404, "not found");
  if (!found) throw new HttpError(404, "app not found");
  if (base === "v1" && what === "machines") {
    const below = (path[0] ?? "").split("/").slice(1);
    const nonce = headers["fly-machine-lease-nonce"];
    return machines(around, found, {
      ...{ method, query, path: below, nonce: Array.isArray(nonce) ? nonce[0] : nonce },
      body: text === "" ? undefined : JSON.parse(text),
    });
  }
  if (method === "GET" && base === "v1" && what === undefined) {
    return { id: name, name, organization: { name: "Acme", slug: "acme" }, status: "deployed" };
  }
  if (method === "GET" && base === "api/v1" && what === "logs") return logs(found);
  throw new HttpError(404, "not found");
}

function logs({ logs: lines }: StandInApp): unknown {
  const data = lines.map((message, id) => ({
    id: String(id),
    attributes: {
      ...{ timestamp: new Date().toISOString(), message, level: "info" },
      ...{ instance: "148e0000", region: "fra", meta: {} },
    },
  }));
  return { data, meta: { next_token: "" } };
}

function faultFor({ faults }: FlyApi, text: string): Fault | undefined {
  const fault = faults.find(({ on, times = 1 }) => times > 0 && on.test(text));
  if (!fault) return undefined;
  if ((fault.after ?? 0) > 0) {
    fault.after = (fault.after ?? 0) - 1;
    return undefined;
  }
  fault.times = (fault.times ?? 1) - 1;
  return fault;
}

/** The first field of a GraphQL document, `createRelease`. */
function fieldIn(body: string): string {
  const text = body.replace(/^\{"query":"/, "").replaceAll("\\n", " ");
  return /\{\s*(\w+)/.exec(text)?.[1] ?? "";
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
