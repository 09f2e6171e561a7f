import { RegistryError } from "../failure.ts";
import { exchange, timeout, unreachable } from "./exchange.ts";

/** One request to a registry. */
export interface Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "PATCH" | "DELETE";
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array>;
  /** Largest answer that is read; bytes. */
  maxBytes: number;
  /** Ends it, in place of the time that an answer may take; its reason says why. */
  limit?: AbortSignal;
}

/** A whole answer. */
export interface Reply {
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Sends a request once. */
export type Send = (request: Request, signal?: AbortSignal) => Promise<Reply>;

/** How long a registry may take for an answer, or for the next piece of one; milliseconds. */
export const TIMEOUT_MS = 10_000;
/** What a registry says about an error is read up to here. */
const MAX_ERROR_BYTES = 64 * 1024;

/**
 * Sends over `fetch`, within a time limit. Throws `RegistryError` when there is no whole answer.
 *
 * @param timeoutMs the limit
 */
export function sender(timeoutMs: number): Send {
  return async (request, signal) => {
    const late = request.limit ?? AbortSignal.timeout(timeoutMs);
    let { url } = request;
    try {
      const answer = await exchange(request, signal ? AbortSignal.any([signal, late]) : late);
      url = answer.url;
      const { status, headers } = answer.response;
      return { status, headers, bytes: await readAll(answer.response, request.maxBytes, url.host) };
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      signal?.throwIfAborted();
      request.limit?.throwIfAborted();
      throw late.aborted
        ? timeout(`${url.host} gave no whole answer within ${timeoutMs} ms`, error)
        : unreachable(url, error);
    }
  };
}

/** The whole body of an answer. Of one that is no success, no more than its beginning. */
export async function readAll(
  response: Response,
  maxBytes: number,
  host: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const limit = response.ok ? maxBytes : Math.min(maxBytes, MAX_ERROR_BYTES);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    chunks.push(bytes);
    if (size <= limit) continue;
    if (!response.ok) break;
    throw new RegistryError(
      "REGISTRY_ANSWER_TOO_LARGE",
      `${host} answered with more than ${maxBytes} bytes`,
      { status: response.status },
    );
  }
  return new Uint8Array(Buffer.concat(chunks));
}
