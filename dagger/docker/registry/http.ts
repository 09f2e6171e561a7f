import { once } from "node:events";
import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** One HTTP exchange with a registry, without any policy of its own. */
export interface Exchange {
  method: string;
  url: URL;
  headers: Record<string, string>;
  /** Bytes, or a stream of `length` bytes. */
  body?: Uint8Array | { stream: () => Readable; length: number };
  /** Gives up when nothing moves for so long; ms. */
  idleMs: number;
  signal: AbortSignal;
}

const agents = {
  "http:": new HttpAgent({ keepAlive: true, timeout: 4_000 }),
  "https:": new HttpsAgent({ keepAlive: true, timeout: 4_000 }),
};

/** Sends and answers as soon as the headers are there; the caller reads the body. */
export async function exchange(options: Exchange): Promise<IncomingMessage> {
  const { method, url, headers, body, idleMs, signal } = options;
  const secure = url.protocol === "https:";
  const length = body instanceof Uint8Array ? body.length : body?.length;
  const request = (secure ? httpsRequest : httpRequest)(url, {
    method,
    headers: { ...headers, ...(length === undefined ? {} : { "content-length": length }) },
    agent: agents[secure ? "https:" : "http:"],
    signal,
  });
  request.setTimeout(idleMs, () => {
    request.destroy(new Error(`no answer within ${Math.round(idleMs / 1000)} s`));
  });
  const answered = once(request, "response") as Promise<[IncomingMessage]>;
  if (body !== undefined && !(body instanceof Uint8Array)) {
    // A registry may refuse before it has read everything; its answer counts, not the broken pipe.
    pipeline(body.stream(), request).catch(() => undefined);
  } else {
    request.end(body);
  }
  const [response] = await answered;
  return response;
}

/** Reads a body of at most `limit` bytes; throws when there is more. */
export async function readBody(response: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) {
      response.destroy();
      throw new Error(`answer is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
