import { hints, RegistryError } from "../failure.ts";
import { redirectTarget } from "./redirect.ts";

/** One request to a registry. */
export interface Request {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array<ArrayBuffer> | string;
  /** Largest answer that is read; bytes. */
  maxBytes: number;
}

/** A whole answer. */
export interface Reply {
  status: number;
  headers: Headers;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Sends a request once. */
export type Send = (request: Request, signal?: AbortSignal) => Promise<Reply>;

const TIMEOUT_MS = 10_000;
const REDIRECTS = 5;

/**
 * Sends over `fetch`, within 10 seconds. Redirects are followed for reads; credentials stay with
 * the host they were meant for. Throws `RegistryError` when there is no whole answer.
 *
 * @param timeoutMs default 10 seconds
 */
export function sender(timeoutMs = TIMEOUT_MS): Send {
  return async (request, signal) => {
    const late = AbortSignal.timeout(timeoutMs);
    const limit = signal ? AbortSignal.any([signal, late]) : late;
    let { url } = request;
    let headers = request.headers;
    try {
      for (let redirects = 0; ; redirects++) {
        const response = await fetch(url, {
          method: request.method,
          headers: { "accept-encoding": "identity", "user-agent": "sluice", ...headers },
          body: request.body,
          redirect: "manual",
          signal: limit,
        });
        const location = response.headers.get("location");
        const reads = request.method === "GET" || request.method === "HEAD";
        if (!reads || location === null || response.status < 300 || response.status >= 400) {
          const { status, headers } = response;
          return { status, headers, bytes: await readAll(response, request.maxBytes, url.host) };
        }
        await response.body?.cancel();
        if (redirects === REDIRECTS) {
          throw new RegistryError("REGISTRY_REDIRECT", `${url.host} redirects without end`);
        }
        const next = redirectTarget(url, location);
        if (next.host !== url.host) headers = withoutAuthorization(headers);
        url = next;
      }
    } catch (error) {
      if (error instanceof RegistryError) throw error;
      signal?.throwIfAborted();
      throw transportError(error, url, late.aborted ? timeoutMs : undefined);
    }
  };
}

async function readAll(
  response: Response,
  maxBytes: number,
  host: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.length;
    if (size > maxBytes) {
      throw new RegistryError(
        "MANIFEST_TOO_LARGE",
        `${host} answered with more than ${maxBytes} bytes`,
        { status: response.status },
      );
    }
    chunks.push(bytes);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function withoutAuthorization(headers: Request["headers"]): Request["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}

function transportError(
  error: unknown,
  { host }: URL,
  timeoutMs: number | undefined,
): RegistryError {
  if (timeoutMs !== undefined) {
    return new RegistryError(
      "REGISTRY_TIMEOUT",
      `${host} gave no whole answer within ${timeoutMs} ms`,
      {
        cause: error,
        transient: true,
        hint: hints.REGISTRY_TIMEOUT,
      },
    );
  }
  return new RegistryError("REGISTRY_UNREACHABLE", `${host} can't be reached: ${causeOf(error)}`, {
    cause: error,
    transient: true,
    hint: hints.REGISTRY_UNREACHABLE,
  });
}

/** The innermost thing that went wrong: `fetch` wraps it as "fetch failed". */
function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.cause instanceof AggregateError) return causeOf(error.cause.errors[0]);
  if (error.cause instanceof Error) return causeOf(error.cause);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === "" ? (code ?? "unknown reason") : error.message;
}
