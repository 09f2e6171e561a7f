import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReleaseEvent } from "./event.ts";
import { keyOf } from "./marker.ts";
import type { Sink } from "./sink.ts";
import { releaseText } from "./text.ts";
import { attemptOf, noAttempt, type Attempt } from "./webhook-answer.ts";
import { webhookUrl } from "./webhook-url.ts";

/** How long one attempt may take; milliseconds. */
const TIMEOUT_MS = 10_000;
/** How long all attempts may take, waiting included; milliseconds. */
const DEADLINE_MS = 60_000;
/** Milliseconds before the second attempt; twice as long before each further one. */
const BACKOFF_MS = 1000;
const ATTEMPTS = 5;

/** A receiver of events as JSON. */
export interface WebhookOptions {
  /** https, or this machine. Its path and query are taken for secrets. */
  readonly url: string;
  /** Signs what is sent; undefined: it isn't signed. */
  readonly secret?: string | undefined;
  /** What operators are reminded of after a success, by channel. */
  readonly notices?: ((channel: string) => readonly string[]) | undefined;
  /** In place of the network. */
  readonly send?: typeof fetch | undefined;
  /** How long one attempt may take; milliseconds, default 10 seconds. */
  readonly timeoutMs?: number | undefined;
  /** How long all attempts may take, waiting included; milliseconds, default 1 minute. */
  readonly deadlineMs?: number | undefined;
  /** In place of the clock: milliseconds since 1970, and a wait of milliseconds. */
  readonly clock?: { now: () => number; wait: (ms: number) => Promise<unknown> } | undefined;
}

/**
 * A webhook: each event is posted as JSON with its Markdown as `text`, and `X-Sluice-Event`, `X-Sluice-Delivery` and, with a
 * secret, `X-Sluice-Signature-256`. An answer that is lost has it sent again: receivers know an
 * event that they have by its delivery.
 *
 * Telling ends with `WEBHOOK_URL_INVALID`, `WEBHOOK_REFUSED`, `WEBHOOK_REDIRECTED`,
 * `WEBHOOK_LIMITED`, `WEBHOOK_UNAVAILABLE` or `WEBHOOK_UNREACHABLE`.
 */
export function webhookSink(options: WebhookOptions): Sink {
  return {
    name: "webhook",
    preview: async (event) => {
      const { origin } = webhookUrl(options.url);
      const { body, headers } = requestOf(options, event);
      const { "X-Sluice-Signature-256": signature, ...shown } = headers;
      const lines = Object.entries(shown).map(([name, value]) => `${name}: ${value}`);
      const signed = signature === undefined ? [] : ["X-Sluice-Signature-256: sha256=***"];
      return [`POST ${origin}/***`, ...lines, ...signed, "", body].join("\n");
    },
    tell: async (event) => {
      const url = webhookUrl(options.url);
      await deliver(options, url, event);
      return { what: `posted to ${url.origin}` };
    },
  };
}

async function deliver(options: WebhookOptions, url: URL, event: ReleaseEvent): Promise<void> {
  const { deadlineMs = DEADLINE_MS, clock = { now: Date.now, wait: sleep } } = options;
  const end = clock.now() + deadlineMs;
  for (let attempt = 1; ; attempt++) {
    const ended = await post(options, url, event, clock.now);
    if (ended.kind === "taken") return;
    const wait = waitOf(ended, attempt);
    if (wait === undefined || clock.now() + wait > end) throw ended.error;
    await clock.wait(wait);
  }
}

/** Undefined when it is not tried again. */
function waitOf(ended: Exclude<Attempt, { kind: "taken" }>, attempt: number): number | undefined {
  if (ended.kind === "failed" || attempt >= ATTEMPTS) return undefined;
  return ended.afterMs ?? BACKOFF_MS * 2 ** (attempt - 1);
}

async function post(
  options: WebhookOptions,
  url: URL,
  event: ReleaseEvent,
  now: () => number,
): Promise<Attempt> {
  const { send = fetch, timeoutMs = TIMEOUT_MS } = options;
  try {
    const response = await send(url, {
      method: "POST",
      ...requestOf(options, event),
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    // Whatever it says, and however long, is of no use.
    await response.body?.cancel();
    return attemptOf(url, response, now());
  } catch (error) {
    return noAttempt(url, error, timeoutMs);
  }
}

function requestOf(
  { secret, notices }: WebhookOptions,
  event: ReleaseEvent,
): { body: string; headers: Record<string, string> } {
  const text = releaseText(event, { notices: notices?.(event.channel) });
  const body = JSON.stringify({ ...event, text });
  return {
    body,
    headers: {
      "Content-Type": "application/json; charset=utf-8",
      "User-Agent": "sluice",
      "X-Sluice-Event": event.kind,
      "X-Sluice-Delivery": keyOf(event.id),
      ...(secret === undefined ? {} : { "X-Sluice-Signature-256": `sha256=${sign(body, secret)}` }),
    },
  };
}

function sign(body: string, secret: string): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}
