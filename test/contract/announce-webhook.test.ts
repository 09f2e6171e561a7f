import { execFileSync } from "node:child_process";
import type { IncomingMessage, ServerResponse } from "node:http";
import { text as textOf } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { releaseEvent } from "../../.dagger/src/announce/event.ts";
import { webhookSink, type WebhookOptions } from "../../.dagger/src/announce/webhook.ts";
import { SluiceError } from "../../.dagger/src/error.ts";
import { deployedEvent } from "../support/releaseEvents.ts";
import { webServer } from "../support/webServer.ts";

const token = "T0SECRET/B0SECRET";
const secret = "whsec_4f7d0c";

interface Received {
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
}

/** A receiver that answers in turn; the last answer stays. */
async function receiver(...answers: ((response: ServerResponse) => void)[]) {
  const received: Received[] = [];
  const port = await webServer((request, response) => {
    void textOf(request).then((body) => {
      received.push({ path: request.url ?? "", headers: request.headers, body });
      const answer = answers[Math.min(received.length, answers.length) - 1];
      if (answer) answer(response);
      else response.writeHead(204).end();
    });
  });
  return { received, url: `http://127.0.0.1:${port}/services/${token}?key=hidden`, port };
}

const answer =
  (status: number, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end(`you sent ${token}`);

/** A clock that only waits forward. */
function clockOf() {
  const waits: number[] = [];
  let now = Date.parse("2026-11-21T14:00:00Z");
  const wait = (ms: number) => {
    waits.push(ms);
    now += ms;
    return Promise.resolve();
  };
  return { waits, clock: { now: () => now, wait } };
}

async function failureOf(options: WebhookOptions): Promise<SluiceError> {
  const error = await webhookSink(options)
    .tell(deployedEvent())
    .then(
      () => undefined,
      (reason: unknown) => reason,
    );
  expect(error).toBeInstanceOf(SluiceError);
  const failure = error as SluiceError;
  const all = `${failure.message} ${failure.stack ?? ""} ${String(failure.cause)}`;
  for (const hidden of [token, "hidden", secret, "T0SECRET"]) expect(all).not.toContain(hidden);
  return failure;
}

describe("a webhook", () => {
  it("is sent the event as JSON with its text, signed by the secret", async () => {
    const { url, received, port } = await receiver();
    const sink = webhookSink({ url, secret, notices: () => ["Merge the bump."] });
    const told = await sink.tell(deployedEvent({ reason: "ünïcode — 😀" }));
    expect(told).toEqual({ what: `posted to http://127.0.0.1:${port}` });
    const [{ path, headers, body } = { path: "", headers: {}, body: "" }] = received;
    expect(path).toBe(`/services/${token}?key=hidden`);
    expect(headers).toMatchObject({
      "content-type": "application/json; charset=utf-8",
      "x-sluice-event": "deployed",
      "x-sluice-delivery": "deployment live 12 deployed",
    });
    const { text, ...event } = JSON.parse(body) as { text: string };
    expect(releaseEvent.parse(event)).toEqual(deployedEvent({ reason: "ünïcode — 😀" }));
    expect(text).toContain("## Deployed v2026.11.21 to cloud");
    expect(text).toContain("### Reminders\n\n- Merge the bump.");
    // As a receiver would check it, with a tool that shares nothing with what signed it.
    const signature = execFileSync("openssl", ["dgst", "-sha256", "-hmac", secret, "-r"], {
      input: body,
      encoding: "utf8",
    });
    expect(headers["x-sluice-signature-256"]).toBe(`sha256=${signature.split(" ")[0]!}`);
  });

  it("without a secret is not signed", async () => {
    const { url, received } = await receiver();
    await webhookSink({ url }).tell(deployedEvent());
    expect(received[0]!.headers).not.toHaveProperty("x-sluice-signature-256");
  });

  it("is previewed as the exact body, without what is secret in its URL and its signature", async () => {
    const { url, received, port } = await receiver();
    const sink = webhookSink({ url, secret });
    const preview = await sink.preview(deployedEvent());
    expect(received).toEqual([]);
    expect(preview).not.toMatch(/T0SECRET|hidden|whsec/);
    await sink.tell(deployedEvent());
    expect(preview).toBe(
      `POST http://127.0.0.1:${port}/***
Content-Type: application/json; charset=utf-8
User-Agent: sluice
X-Sluice-Event: deployed
X-Sluice-Delivery: deployment live 12 deployed
X-Sluice-Signature-256: sha256=***

${received[0]!.body}`,
    );
  });

  it("takes an id for a header whatever it has in it", async () => {
    const { url, received } = await receiver();
    await webhookSink({ url }).tell(deployedEvent({ id: "deployment x\r\nX-Evil: 1 ü" }));
    expect(received[0]!.headers["x-sluice-delivery"]).toBe("deployment x%0D%0AX-Evil: 1 %C3%BC");
    expect(received[0]!.headers).not.toHaveProperty("x-evil");
  });
});

describe("a webhook that is out of order", () => {
  it("for a while is sent the same delivery again, with growing pauses", async () => {
    const { url, received } = await receiver(answer(500), answer(503), answer(502), answer(200));
    const { waits, clock } = clockOf();
    await webhookSink({ url, secret, clock }).tell(deployedEvent());
    expect(waits).toEqual([1000, 2000, 4000]);
    const deliveries = received.map(({ headers }) => headers["x-sluice-delivery"]);
    expect(deliveries).toEqual(Array(4).fill("deployment live 12 deployed"));
    expect(new Set(received.map(({ body }) => body)).size).toBe(1);
  });

  it("for long fails after five attempts", async () => {
    const { url, received, port } = await receiver(answer(502));
    const failure = await failureOf({ url, ...clockOf() });
    expect(failure.message).toBe(
      `the webhook at http://127.0.0.1:${port} answered 502 [WEBHOOK_UNAVAILABLE]\nNext: try again later`,
    );
    expect(received).toHaveLength(5);
  });

  it("by its limit is waited for as it says", async () => {
    const date = new Date(Date.parse("2026-11-21T14:00:20Z")).toUTCString();
    const { url } = await receiver(
      answer(429, { "retry-after": "7" }),
      answer(429, { "retry-after": date }),
      answer(200),
    );
    const { waits, clock } = clockOf();
    await webhookSink({ url, clock }).tell(deployedEvent());
    expect(waits).toEqual([7000, 13_000]);
  });

  it("by a limit that ends after the deadline fails at once", async () => {
    const { url, received } = await receiver(answer(429, { "retry-after": "3600" }));
    const { waits, clock } = clockOf();
    const failure = await failureOf({ url, clock });
    expect(failure.code).toBe("WEBHOOK_LIMITED");
    expect(failure.hint).toBe("try again in 3600 s");
    expect([waits, received.length]).toEqual([[], 1]);
  });

  it("that never answers is given up, and nothing of its URL is shown", async () => {
    const { url, received } = await receiver(() => undefined);
    const failure = await failureOf({ url, timeoutMs: 100, ...clockOf() });
    expect(failure.code).toBe("WEBHOOK_UNREACHABLE");
    expect(failure.reason).toMatch(/can't be reached: no answer within 0.1 s$/);
    expect(received).toHaveLength(5);
  });

  it("that isn't there says so", async () => {
    const { url } = await receiver((response) => response.socket?.resetAndDestroy());
    const reset = await failureOf({ url, ...clockOf() });
    expect(reset.reason).toMatch(/can't be reached: the connection was closed without an answer$/);
    const refused = await failureOf({ url: `http://127.0.0.1:9/${token}`, ...clockOf() });
    expect(refused.reason).toMatch(/^the webhook at http:\/\/127\.0\.0\.1:9 can't be reached: /);
  });
});

describe("a webhook that refuses", () => {
  it("is not asked again, and what it says is not shown", async () => {
    const { url, received } = await receiver(answer(401));
    const failure = await failureOf({ url, secret, ...clockOf() });
    expect(failure.code).toBe("WEBHOOK_REFUSED");
    expect(failure.hint).toBe("give the URL and the secret that it expects");
    expect(received).toHaveLength(1);
  });

  it("by sending elsewhere is not followed", async () => {
    const elsewhere = await receiver();
    const { url, received } = await receiver(answer(307, { location: elsewhere.url }));
    const failure = await failureOf({ url, secret, ...clockOf() });
    expect(failure.code).toBe("WEBHOOK_REDIRECTED");
    expect(failure.reason).toContain("answered 307: redirects are not followed");
    expect([received.length, elsewhere.received.length]).toEqual([1, 0]);
  });
});

describe("a webhook's URL", () => {
  it.each([
    [`http://hooks.example.com/${token}`, "http://hooks.example.com is not encrypted"],
    [`http://localhost.example.com/${token}`, "http://localhost.example.com is not encrypted"],
    [`https://user:${token}@hooks.example.com/`, "it can't be read"],
    [`https://user:hidden@hooks.example.com/`, "has a user or a password in front of its host"],
    [`ftp://hooks.example.com/${token}`, "it can't be read"],
    [token, "it can't be read"],
    ["", "it can't be read"],
  ])("that is unsafe or unreadable is refused and not shown: %#", async (url, found) => {
    const failure = await failureOf({ url });
    expect(failure.code).toBe("WEBHOOK_URL_INVALID");
    expect(failure.reason).toContain(found);
    await expect(webhookSink({ url }).preview(deployedEvent())).rejects.toThrow(failure.reason);
  });
});
