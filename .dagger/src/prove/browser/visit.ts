import { setTimeout as after } from "node:timers/promises";
import type { Browser, HTTPResponse, Page } from "puppeteer-core";
import { firstLine } from "../../error.ts";
import type { PipelinePage } from "../../pipeline/model.ts";
import { systemClock, within } from "../../verify/clock.ts";
import { seconds } from "../../verify/seconds.ts";
import { below } from "../address.ts";
import { listen, type Heard } from "./listen.ts";
import { missing } from "./missing.ts";

/** Longest wait for a picture, and for a page to be closed; milliseconds. */
const PICTURE_MS = 10_000;
/** A page that loads has its say before it is judged: so long nothing may be on its way. */
const QUIET_MS = 500;
const QUIET_LIMIT_MS = 5_000;
const POLL_MS = 100;

/** What was seen of a page. */
export interface Visit {
  status: number | null;
  /** What is wrong; empty when nothing is. */
  problems: string[];
  heard: Heard;
  /** PNG; undefined when none could be taken. */
  screenshot: Uint8Array | undefined;
}

/**
 * Opens a page as somebody who was never there before, waits until it shows what it has to show, and
 * takes a picture of it, whatever it shows.
 */
export async function visit(
  browser: Browser,
  base: URL,
  wanted: PipelinePage,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<Visit> {
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    const heard = listen(page, base.hostname);
    const seen = { status: null as number | null };
    const limit = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
    const problems = await open(page, base, wanted, deadlineMs, limit, seen);
    const screenshot = await within(
      systemClock,
      PICTURE_MS,
      signal,
      page.screenshot({ type: "png" }),
    ).catch(() => undefined);
    problems.push(
      ...[...heard.exceptions].map((text) => `an uncaught exception: ${text}`),
      ...[...heard.ownFailures].map((text) => `a request failed: ${text}`),
    );
    return { ...seen, problems, heard, screenshot: screenshot?.value };
  } finally {
    // A page that never rests doesn't close either; the browser is stopped anyway.
    await within(systemClock, PICTURE_MS, signal, context.close()).catch(() => undefined);
  }
}

async function open(
  page: Page,
  base: URL,
  wanted: PipelinePage,
  deadlineMs: number,
  limit: AbortSignal,
  seen: { status: number | null },
): Promise<string[]> {
  let answer: HTTPResponse | null;
  try {
    const url = below(base, wanted.path).href;
    answer = await page.goto(url, { waitUntil: "load", timeout: deadlineMs, signal: limit });
  } catch (error) {
    return [
      limit.aborted ? `it did not load within ${seconds(deadlineMs)}` : unreachable(error, base),
    ];
  }
  seen.status = answer?.status() ?? null;
  if (answer && new URL(answer.url()).hostname !== base.hostname) {
    return [`it led to ${new URL(answer.url()).host}, which is another host`];
  }
  if (answer && answer.status() >= 400)
    return [`status ${answer.status()}, expected less than 400`];
  const quiet = { idleTime: QUIET_MS, timeout: QUIET_LIMIT_MS, signal: limit };
  // Some pages never rest; they are judged as they are.
  await page.waitForNetworkIdle(quiet).catch(() => undefined);
  for (;;) {
    const lacking = await within(systemClock, deadlineMs, limit, missing(page, wanted)).catch(
      (error: unknown) => ({ value: [`it can't be looked at: ${firstLine(error)}`] }),
    );
    if (lacking?.value.length === 0) return [];
    if (limit.aborted) {
      const found = lacking?.value ?? ["it does not react"];
      return found.map((text) => `${text} within ${seconds(deadlineMs)}`);
    }
    await after(POLL_MS, undefined, { signal: limit }).catch(() => undefined);
  }
}

function unreachable(error: unknown, base: URL): string {
  const text = firstLine(error);
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname);
  return loopback && text.includes("ERR_CONNECTION_REFUSED")
    ? `${text} (the browser runs in a container, where ${base.hostname} is the container itself)`
    : text;
}
