import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Answers a request in the registry's place, or lets it pass by returning false. */
export type Fault = (incoming: IncomingMessage, answer: ServerResponse) => boolean;

/** A proxy before a registry that counts requests and does something wrong when told to. */
export interface RegistryFront {
  origin: string;
  host: string;
  /** `GET /v2/…`, in order. */
  seen: string[];
  /** When each was asked and answered, in order of the answers; `performance.now()`. */
  spans: (readonly [asked: number, answered: number])[];
  /** Authorization headers, in order; empty for none. */
  authorizations: string[];
  /** How long a request is held up before it is passed on; milliseconds. */
  delayMs: number;
  /** Tried in order for each request; one that answers is used up. */
  faults: Fault[];
  /** Changes what the registry answered; stays. */
  rewrite?: (incoming: IncomingMessage, headers: Record<string, unknown>, body: Buffer) => Buffer;
  stop(): Promise<void>;
}

/** Puts a proxy before `origin`. */
export async function frontOf(origin: string): Promise<RegistryFront> {
  const server = createServer((incoming, answer) => {
    front.seen.push(`${incoming.method ?? ""} ${incoming.url ?? ""}`);
    const asked = performance.now();
    answer.once("close", () => front.spans.push([asked, performance.now()]));
    front.authorizations.push(incoming.headers.authorization ?? "");
    const index = front.faults.findIndex((fault) => fault(incoming, answer));
    if (index >= 0) {
      front.faults.splice(index, 1);
      return;
    }
    if (front.delayMs === 0) pass(incoming, answer);
    else setTimeout(() => pass(incoming, answer), front.delayMs);
  });
  const pass = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const sent = request(
      new URL(incoming.url ?? "/", origin),
      { method: incoming.method, headers: incoming.headers },
      (reply) => {
        if (!front.rewrite) {
          answer.writeHead(reply.statusCode ?? 500, reply.headers);
          reply.pipe(answer);
          return;
        }
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.on("end", () => {
          const headers: Record<string, unknown> = { ...reply.headers };
          const body = Buffer.concat(chunks);
          const written = front.rewrite?.(incoming, headers, body) ?? body;
          if (incoming.method !== "HEAD") headers["content-length"] = written.length;
          answer.writeHead(reply.statusCode ?? 500, headers as Record<string, string>);
          answer.end(written);
        });
      },
    );
    // A client that is gone takes its half-sent request along.
    sent.on("error", () => answer.destroy());
    incoming.pipe(sent);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const front: RegistryFront = {
    origin: `http://${host}`,
    host,
    seen: [],
    spans: [],
    authorizations: [],
    delayMs: 0,
    faults: [],
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return front;
}

/** Answers with a status, once, for requests of `method` ("*" for any). */
export function answers(
  status: number,
  { method = "*", headers = {}, body = "" }: AnswerOptions = {},
): Fault {
  return (incoming, answer) => {
    if (method !== "*" && incoming.method !== method) return false;
    incoming.resume();
    answer.writeHead(status, headers).end(body);
    return true;
  };
}

/** What to answer, to which requests. */
export interface AnswerOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

/** Closes the connection without an answer, once. */
export function hangsUp(method = "*"): Fault {
  return (incoming) => {
    if (method !== "*" && incoming.method !== method) return false;
    incoming.socket.destroy();
    return true;
  };
}

/** Never answers, once. */
export function hangs(method = "*"): Fault {
  return (incoming) => method === "*" || incoming.method === method;
}
