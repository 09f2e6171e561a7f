import { RegistryError } from "../failure.ts";
import { exchange, timeout, unreachable } from "./exchange.ts";
import { Patience } from "./patience.ts";
import { readAll, type Reply, type Request } from "./send.ts";

/** An answer with a body that is read piece by piece. */
export interface Opened {
  status: 200;
  headers: Headers;
  /** Can be read once. */
  body: AsyncIterable<Uint8Array>;
  /** Gives the connection back without the rest; nothing happens after the end. */
  close: () => void;
}

/** Sends a request once, and answers as soon as the head is there; whole if it is no success. */
export type Open = (request: Request, signal?: AbortSignal) => Promise<Opened | Reply>;

/**
 * Reads over `fetch`; neither the head nor the next piece may take longer than the time limit.
 *
 * @param timeoutMs the limit
 */
export function opener(timeoutMs: number): Open {
  return async (request, signal) => {
    const stop = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    let { url } = request;
    const failure = (error: unknown): unknown => {
      if (error instanceof RegistryError) return error;
      if (signal?.aborted) return signal.reason;
      return stop.signal.aborted ? stop.signal.reason : unreachable(url, error);
    };
    const patience = () =>
      new Patience(timeoutMs, () => {
        stop.abort(timeout(`${url.host} sent nothing, or next to nothing, for ${timeoutMs} ms`));
      });
    const head = patience();
    head.start();
    try {
      const { response, url: from } = await exchange(request, ended);
      url = from;
      const { status, headers } = response;
      if (status !== 200) {
        return { status, headers, bytes: await readAll(response, request.maxBytes, url.host) };
      }
      return {
        status,
        headers,
        body: pieces(response, patience(), failure),
        close: () => stop.abort(),
      };
    } catch (error) {
      throw failure(error);
    } finally {
      head.stop();
    }
  };
}

async function* pieces(
  { body }: Response,
  patience: Patience,
  failure: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array> {
  try {
    patience.start();
    for await (const piece of body ?? []) {
      const bytes = piece as Uint8Array;
      patience.stop(bytes.length);
      yield bytes;
      patience.start();
    }
  } catch (error) {
    throw failure(error);
  } finally {
    patience.stop();
  }
}
