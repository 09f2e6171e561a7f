import { randomUUID, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import type { Caller } from "../core/caller.ts";
import { SluiceError } from "../core/error.ts";
import type { Session } from "../core/session.ts";
import { run, type Api } from "./executor.ts";

const maxBodyBytes = 64 * 1024 * 1024;
const request = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** Serves Dagger's session protocol: `POST /query` on loopback, for holders of a token only. */
export class SessionServer {
  readonly #server: Server;
  readonly #callers = new Map<string, Caller>();

  private constructor(
    private readonly session: Session,
    private readonly api: Api,
  ) {
    this.#server = createServer((req, res) => void this.#handle(req, res));
    // Execs may run for hours; the client decides when to give up.
    this.#server.requestTimeout = 0;
    this.#server.headersTimeout = 0;
    this.#server.keepAliveTimeout = 60_000;
  }

  /** Listens on 127.0.0.1. `port` 0 (default) takes a free one; a taken port is `PORT_IN_USE`. */
  static async start(session: Session, api: Api, port = 0): Promise<SessionServer> {
    const server = new SessionServer(session, api);
    await new Promise<void>((resolve, reject) => {
      server.#server.once("error", (error: NodeJS.ErrnoException) => {
        reject(
          error.code === "EADDRINUSE"
            ? new SluiceError("PORT_IN_USE", `port ${port} on 127.0.0.1 is in use`, {
                hint: "Choose another port, or leave it out to get a free one.",
                cause: error,
              })
            : error,
        );
      });
      server.#server.listen(port, "127.0.0.1", resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Issues a token for a client. */
  admit(caller: Caller): string {
    const token = randomUUID();
    this.#callers.set(token, caller);
    return token;
  }

  /** Makes a token worthless. */
  dismiss(token: string): void {
    this.#callers.delete(token);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      const caller = this.#caller(req);
      if (!caller) {
        req.resume();
        reply(
          res,
          401,
          { errors: [{ message: "missing or wrong session token" }] },
          { "www-authenticate": "Basic" },
        );
        return;
      }
      if (req.method !== "POST" || req.url?.split("?")[0] !== "/query") {
        req.resume();
        reply(res, 404, {
          errors: [{ message: `no such endpoint: ${req.method ?? ""} ${req.url ?? ""}` }],
        });
        return;
      }
      const parsed = request.safeParse(JSON.parse(await readBody(req)));
      if (!parsed.success) {
        reply(res, 400, { errors: [{ message: z.prettifyError(parsed.error) }] });
        return;
      }
      const { query, variables } = parsed.data;
      const hungUp = new AbortController();
      res.once("close", () => hungUp.abort());
      const call = { session: this.session, caller, signal: hungUp.signal };
      const result = await run(this.api, query, variables ?? undefined, call);
      const invalid = result.errors?.[0]?.extensions.code === "GRAPHQL_VALIDATION_FAILED";
      reply(res, invalid ? 422 : 200, result);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reply(res, 400, { errors: [{ message: this.session.scrubber.scrub(message) }] });
    }
  }

  /** Every token is compared in constant time, so timing tells nothing about any of them. */
  #caller(req: IncomingMessage): Caller | undefined {
    const [scheme, value] = (req.headers.authorization ?? "").split(" ");
    if (scheme?.toLowerCase() !== "basic" || !value) return undefined;
    const given = Buffer.from(Buffer.from(value, "base64").toString("utf8").replace(/:$/, ""));
    let found: Caller | undefined;
    for (const [token, caller] of this.#callers) {
      const expected = Buffer.from(token);
      if (expected.length === given.length && timingSafeEqual(expected, given)) found = caller;
    }
    return found;
  }
}

function reply(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  if (res.destroyed) return;
  res.writeHead(status, { "content-type": "application/json", ...headers });
  res.end(JSON.stringify(body));
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new Error(`request body is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
