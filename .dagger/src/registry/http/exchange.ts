import { hints, RegistryError } from "../failure.ts";
import { isLoopback } from "../name.ts";
import { redirectTarget } from "./redirect.ts";
import type { Request } from "./send.ts";

const REDIRECTS = 5;

/** A function runs on this machine with the embedded engine only. */
const LOOPBACK = `${hints.REGISTRY_UNREACHABLE}; on a Dagger engine functions run in a container, which doesn't see this machine's own ports: name an address that containers reach, or let the registry run on the engine (service: {})`;

/**
 * For a body that is sent as it comes. Without the last two, `fetch` keeps all of it to be able to
 * send it again.
 */
const STREAMED = { duplex: "half", redirect: "error", window: null } as const;

/** The head of an answer, whose body is still to be read, and where it came from. */
interface Exchange {
  response: Response;
  url: URL;
}

/**
 * Sends over `fetch` until the head of an answer is there. Redirects are followed for reads;
 * credentials stay with the host they were meant for.
 *
 * @throws RegistryError `REGISTRY_REDIRECT`; whatever `fetch` throws
 */
export async function exchange(request: Request, signal: AbortSignal): Promise<Exchange> {
  let { url, headers } = request;
  for (let redirects = 0; ; redirects++) {
    const response = await fetch(url, {
      method: request.method,
      headers: { "accept-encoding": "identity", "user-agent": "sluice", ...headers },
      body: request.body,
      redirect: "manual",
      signal,
      ...(request.body instanceof ReadableStream ? STREAMED : {}),
    });
    const location = response.headers.get("location");
    const reads = request.method === "GET" || request.method === "HEAD";
    if (!reads || location === null || response.status < 300 || response.status >= 400) {
      return { response, url };
    }
    await response.body?.cancel();
    if (redirects === REDIRECTS) {
      throw new RegistryError("REGISTRY_REDIRECT", `${url.host} redirects without end`);
    }
    const next = redirectTarget(url, location);
    if (next.host !== url.host) headers = withoutAuthorization(headers);
    url = next;
  }
}

function withoutAuthorization(headers: Request["headers"]): Request["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
  );
}

/** An answer that did not come, or not in time. */
export function timeout(reason: string, cause?: unknown): RegistryError {
  return new RegistryError("REGISTRY_TIMEOUT", reason, {
    cause,
    transient: true,
    hint: hints.REGISTRY_TIMEOUT,
  });
}

/** A connection that could not be made, or broke. A certificate stays wrong: no other try helps. */
export function unreachable({ host }: URL, error: unknown): RegistryError {
  const cause = innermost(error);
  const code = isCertificate(cause) ? "REGISTRY_TLS" : "REGISTRY_UNREACHABLE";
  return new RegistryError(code, `${host} can't be reached: ${wordsOf(cause)}`, {
    cause: error,
    transient: code === "REGISTRY_UNREACHABLE",
    hint: code === "REGISTRY_UNREACHABLE" && isLoopback(host) ? LOOPBACK : hints[code],
  });
}

/** What went wrong in the first place: `fetch` wraps it as "fetch failed". */
function innermost(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.cause instanceof AggregateError) return innermost(error.cause.errors[0]);
  return error.cause instanceof Error ? innermost(error.cause) : error;
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  return error.message === "" ? (code ?? "unknown reason") : error.message;
}

function isCertificate(error: unknown): boolean {
  const code = error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? "") : "";
  return /CERT|^ERR_(?:TLS|SSL)_|UNABLE_TO_VERIFY/.test(code);
}
