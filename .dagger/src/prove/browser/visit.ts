import type { Browser, HTTPResponse, Page } from "puppeteer-core";
import { firstLine } from "../../error.ts";
import type { PipelinePage } from "../../pipeline/model.ts";
import { systemClock, within } from "../../verify/clock.ts";
import { seconds } from "../../verify/seconds.ts";
import { below } from "../address.ts";
import { listen, type Heard } from "./listen.ts";
import { missing } from "./missing.ts";
import { picture } from "./picture.ts";

/** Longest wait for a page to be closed; milliseconds. */
const CLOSING_MS = 10_000;
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
    const problems = await open(page, base, wanted, deadlineMs, signal, seen);
    if (signal.aborted) problems.splice(0, Infinity, "it was interrupted");
    const screenshot = await picture(page, signal);
    problems.push(
      ...[...heard.exceptions].map((text) => `an uncaught exception: ${text}`),
      ...[...heard.ownFailures].map((text) => `a request failed: ${text}`),
    );
    return { ...seen, problems, heard, screenshot };
  } finally {
    // A page that never rests doesn't close either; the browser is stopped anyway.
    await within(systemClock, CLOSING_MS, signal, context.close()).catch(() => undefined);
  }
}

async function open(
  page: Page,
  base: URL,
  wanted: PipelinePage,
  deadlineMs: number,
  signal: AbortSignal,
  seen: { status: number | null },
): Promise<string[]> {
  const until = Date.now() + deadlineMs;
  const left = () => Math.max(0, until - Date.now());
  let went: { value: HTTPResponse | null } | undefined;
  try {
    const going = page.goto(below(base, wanted.path).href, { waitUntil: "load", timeout: 0 });
    // Its own time limit doesn't hold for a page that keeps the browser busy.
    went = await within(systemClock, left(), signal, going);
  } catch (error) {
    return [unreachable(error, base)];
  }
  if (!went) return [`it did not load within ${seconds(deadlineMs)}`];
  const { value: answer } = went;
  seen.status = answer?.status() ?? null;
  if (answer && new URL(answer.url()).hostname !== base.hostname) {
    return [`it led to ${new URL(answer.url()).host}, which is another host`];
  }
  if (answer && answer.status() >= 400)
    return [`status ${answer.status()}, expected less than 400`];
  // Some pages never rest; they are judged as they are.
  const quiet = page.waitForNetworkIdle({ idleTime: QUIET_MS, timeout: QUIET_LIMIT_MS });
  await within(systemClock, left(), signal, quiet).catch(() => undefined);
  let lacking = ["it does not react"];
  for (;;) {
    const looked = await within(systemClock, left(), signal, missing(page, wanted)).catch(
      (error: unknown) => ({ value: [`it can't be looked at: ${firstLine(error)}`] }),
    );
    // Undefined when the time ran out in the middle of it: what was seen before still holds.
    lacking = looked?.value ?? lacking;
    if (lacking.length === 0) return [];
    if (left() === 0 || signal.aborted)
      return lacking.map((text) => `${text} within ${seconds(deadlineMs)}`);
    await systemClock.sleep(POLL_MS, signal);
  }
}

function unreachable(error: unknown, base: URL): string {
  const text = firstLine(error);
  const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname);
  return loopback && text.includes("ERR_CONNECTION_REFUSED")
    ? `${text} (the browser runs in a container, where ${base.hostname} is the container itself)`
    : text;
}
