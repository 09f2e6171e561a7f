import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";
import type { Browser } from "puppeteer-core";
import { z } from "zod";
import { SluiceError } from "../../error.ts";
import { systemClock } from "../../verify/clock.ts";
import type { Outcome } from "../../verify/probe/attempt.ts";
import { probe } from "../../verify/probe/probe.ts";
import { get } from "../../verify/probe/http.ts";

/** From the start of its container until the browser answers; milliseconds. */
const DEADLINE_MS = 60_000;

/** Longest wait for any answer of the browser; milliseconds. */
const ANSWER_MS = 60_000;

const answered = z.object({ webSocketDebuggerUrl: z.url() });

/**
 * Takes control of a browser.
 *
 * @param endpoint `host:port` of its remote control
 * @throws SluiceError `BROWSER_UNREACHABLE`
 */
export async function control(endpoint: string, signal: AbortSignal): Promise<Browser> {
  const host = await byAddress(endpoint);
  const url = new URL(`http://${host}/json/version`);
  let body = "";
  // Its port is open before the browser itself is up.
  const end = await probe(
    url,
    { status: [200] },
    { deadlineMs: DEADLINE_MS, stableForMs: 0, intervalMs: 250 },
    {
      clock: systemClock,
      get: async (asked, limit) => {
        const answer = await get(asked, limit);
        ({ body } = answer);
        return answer;
      },
      signal,
      onAttempt: () => undefined,
      onHealthy: () => undefined,
    },
  );
  if (!end.passed) throw unreachable("cancelled" in end ? undefined : end);
  const { webSocketDebuggerUrl } = answered.parse(JSON.parse(body));
  const { connect } = await import("puppeteer-core");
  return connect({
    browserWSEndpoint: `ws://${host}${new URL(webSocketDebuggerUrl).pathname}`,
    defaultViewport: { width: 1280, height: 800 },
    protocolTimeout: ANSWER_MS,
  });
}

/** Chromium answers only those who call it by its address, for its safety. */
async function byAddress(endpoint: string): Promise<string> {
  const { hostname, port } = new URL(`http://${endpoint}`);
  const { address } = await lookup(hostname.replaceAll(/[[\]]/g, ""));
  return `${isIPv6(address) ? `[${address}]` : address}:${port}`;
}

function unreachable(end: Pick<Outcome, "problem"> | undefined): SluiceError {
  const found = end?.problem ? `got ${end.problem.found}` : "and was interrupted";
  return new SluiceError(
    "BROWSER_UNREACHABLE",
    `expected the browser to answer within ${DEADLINE_MS / 1000} s, ${found}`,
    { hint: "run it again; if it stays so, look whether the image of the browser starts here" },
  );
}
