import { SluiceError } from "../error.ts";
import { retryAfterMs } from "../registry/http/retry-after.ts";
import { reasonOf } from "../verify/probe/no-answer.ts";

/** How an attempt ended: `again` may end otherwise a little later. */
export type Attempt =
  | { readonly kind: "taken" }
  | { readonly kind: "failed"; readonly error: SluiceError }
  | { readonly kind: "again"; readonly error: SluiceError; readonly afterMs: number | undefined };

const PASSING = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What an answer means. What it says is not shown: it may repeat what it was sent. */
export function attemptOf(
  { origin }: URL,
  { status, headers }: Pick<Response, "status" | "headers">,
  now: number,
): Attempt {
  if (status >= 200 && status < 300) return { kind: "taken" };
  const make = (code: string, said: string, hint: string) =>
    new SluiceError(`WEBHOOK_${code}`, `the webhook at ${origin} ${said}`, { hint });
  if (PASSING.has(status)) {
    const afterMs = retryAfterMs(headers.get("retry-after"), now);
    const later = afterMs === undefined ? "later" : `in ${Math.ceil(afterMs / 1000)} s`;
    const error =
      status === 429
        ? make("LIMITED", "takes no more for now: it answered 429", `try again ${later}`)
        : make("UNAVAILABLE", `answered ${status}`, `try again ${later}`);
    return { kind: "again", error, afterMs };
  }
  if (status >= 300 && status < 400) {
    const said = `answered ${status}: redirects are not followed`;
    return { kind: "failed", error: make("REDIRECTED", said, "give the URL that it leads to") };
  }
  const hint =
    status === 401 || status === 403
      ? "give the URL and the secret that it expects"
      : "see that the URL is right, and that what answers takes Sluice's events";
  return {
    kind: "failed",
    error: make("REFUSED", `refused the event: it answered ${status}`, hint),
  };
}

/** What no answer at all means. */
export function noAttempt({ origin }: URL, error: unknown, timeoutMs: number): Attempt {
  const { name = "", cause } = error as { name?: string; cause?: unknown };
  const why =
    name === "TimeoutError" ? `no answer within ${timeoutMs / 1000} s` : reasonOf(cause ?? error);
  return {
    kind: "again",
    afterMs: undefined,
    error: new SluiceError(
      "WEBHOOK_UNREACHABLE",
      `the webhook at ${origin} can't be reached: ${why}`,
      { hint: "see that it runs, and that this machine may reach it" },
    ),
  };
}
