import type { ContainerAppsAPIClient } from "@azure/arm-appcontainers";
import { retryAfterMs } from "../../registry/http/retry-after.ts";
import type { Pace } from "./pace.ts";
import type { SignIn } from "./sign-in.ts";

/** A step of the client's way to the network. */
type Policy = Parameters<ContainerAppsAPIClient["pipeline"]["addPolicy"]>[0];
type Response = Awaited<ReturnType<Policy["sendRequest"]>>;

const ATTEMPTS = 5;
/** A pause that Azure asks for is kept up to this; milliseconds. */
const LONGEST_PAUSE_MS = 60_000;
const TRANSIENT = [408, 429, 500, 502, 503, 504];

/**
 * Repeats reads that were not answered, and whatever was refused for its frequency. A write that
 * may have been done is never repeated here: whoever wrote looks first.
 */
export function retrying({ clock, pollMs }: Pace): Policy {
  return {
    name: "sluiceRetry",
    async sendRequest(request, next) {
      const read = request.method === "GET";
      for (let attempt = 1; ; attempt++) {
        const reply = await settled(next(request));
        const status = "value" in reply ? reply.value.status : undefined;
        const again =
          status === 429 || (read && (status === undefined || TRANSIENT.includes(status)));
        const pause = pauseOf(reply) ?? (pollMs / 4) * 2 ** attempt;
        const stop = request.abortSignal?.aborted ?? false;
        if (!again || stop || attempt >= ATTEMPTS || pause > LONGEST_PAUSE_MS) return opened(reply);
        await clock.sleep(pause, new AbortController().signal);
      }
    },
  };
}

type Settled = { value: Response } | { error: unknown };

function settled(reply: Promise<Response>): Promise<Settled> {
  return reply.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}

function opened(reply: Settled): Response {
  if ("value" in reply) return reply.value;
  throw reply.error;
}

function pauseOf(reply: Settled): number | undefined {
  return "value" in reply
    ? retryAfterMs(reply.value.headers.get("retry-after") ?? null)
    : undefined;
}

/** Signs requests, and signs in again once when a token is accepted no longer. */
export function signing(who: SignIn): Policy {
  return {
    name: "sluiceSign",
    async sendRequest(request, next) {
      request.headers.set("authorization", `Bearer ${await who.token()}`);
      const reply = await settled(next(request));
      if (!("value" in reply) || reply.value.status !== 401 || !who.renewable) return opened(reply);
      request.headers.set("authorization", `Bearer ${await who.token({ fresh: true })}`);
      return next(request);
    },
  };
}

/**
 * Sends the very bodies that it is given, by the path that they are for. The client knows the
 * fields of its own version, and leaves out all others of what was read and is sent back.
 */
export function exactBodies(bodies: ReadonlyMap<string, string>): Policy {
  return {
    name: "sluiceExactBody",
    sendRequest(request, next) {
      const body = bodies.get(new URL(request.url).pathname);
      if (request.method === "PATCH" && body !== undefined) request.body = body;
      return next(request);
    },
  };
}
