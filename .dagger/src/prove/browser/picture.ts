import type { Page } from "puppeteer-core";
import { systemClock, within } from "../../verify/clock.ts";

/** Longest wait for a picture; milliseconds. */
const PATIENCE_MS = 10_000;
const PAUSE_MS = 100;

/** A PNG of what a page shows right now; undefined when the browser can't take one. */
export async function picture(page: Page, signal: AbortSignal): Promise<Uint8Array | undefined> {
  const until = Date.now() + PATIENCE_MS;
  for (let left = PATIENCE_MS; left > 0 && !signal.aborted; left = until - Date.now()) {
    const shot = page.screenshot({ type: "png" });
    const taken = await within(systemClock, left, signal, shot).catch(() => undefined);
    if (taken) return taken.value;
    // The browser is not done with showing its own page for an address that doesn't answer.
    await systemClock.sleep(PAUSE_MS, signal);
  }
  return undefined;
}
