import type { Service } from "@dagger.io/dagger";
import type { Browser } from "puppeteer-core";
import { firstLine } from "../../error.ts";
import type { PipelinePage } from "../../pipeline/model.ts";
import { jsonText } from "../../report/output.ts";
import { publicUrl } from "../address.ts";
import { BROWSER_IMAGE, chromium, CONTROL_PORT } from "./chromium.ts";
import { control } from "./control.ts";
import type { BrowserManifest, PageResult } from "./manifest.ts";
import { seenPage, unseen, type PageSeen } from "./seen.ts";
import { visit } from "./visit.ts";

/** For one page; milliseconds. */
const DEADLINE_MS = 30_000;

/** What `browserSmoke` takes. */
export interface BrowserSmokeOptions {
  /**
   * Where users find the target; http or https. The browser runs in a container: it reaches public
   * addresses and those of `bindings`, and not the loopback addresses of this machine.
   */
  url: string;
  /** At least one. */
  pages: readonly PipelinePage[];
  /** Commit that is deployed. */
  headSha: string;
  /** Default: a pinned `chromedp/headless-shell`. */
  image?: string;
  /** Services of the session that pages are on, by the host names that the browser knows them under. */
  bindings?: Readonly<Record<string, Service>>;
  /** For a page that has none of its own; default 30 seconds; milliseconds. */
  deadlineMs?: number;
  /** Ends it early; the smoke then has not passed. */
  signal?: AbortSignal;
  /** Takes secrets out of what pages say; what pictures show is as it is. */
  scrub?: (text: string) => string;
  onProgress?: (line: string) => void;
}

/** What a browser saw. */
export interface BrowserSmoke {
  manifest: BrowserManifest;
  /** `manifest.json`, and a PNG of each page below `screenshots/`. */
  files: Readonly<Record<string, string | Uint8Array>>;
}

/**
 * Opens pages of a target in a real browser, one after the other. A page passes when it loads with a
 * status below 400 on its own host, shows its text and its element within its deadline, throws no
 * exception that it doesn't catch, and none of its requests to its own host fails.
 *
 * @throws SluiceError `TARGET_URL_INVALID`; whatever else goes wrong is a smoke that has not passed
 */
export async function browserSmoke(options: BrowserSmokeOptions): Promise<BrowserSmoke> {
  const { image = BROWSER_IMAGE, bindings = {} } = options;
  const { signal = new AbortController().signal, onProgress = () => undefined } = options;
  const base = publicUrl(options.url);
  const begun = Date.now();
  const service = chromium(image, bindings);
  let browser: Browser | undefined;
  let pages: PageSeen[];
  let version: string | null = null;
  try {
    await service.start();
    browser = await control(await service.endpoint({ port: CONTROL_PORT }), signal);
    version = await browser.version();
    onProgress(`${version} opens ${base.href}`);
    pages = await visitAll(browser, base, { ...options, signal, onProgress });
  } catch (error) {
    const reason = `the browser did not start: ${firstLine(error)}`;
    pages = options.pages.map(({ path }) => unseen(path, reason, 0));
  } finally {
    await browser?.disconnect().catch(() => undefined);
    await service.stop({ kill: true }).catch(() => undefined);
  }
  const results = pages.map(({ result }) => result);
  const manifest: BrowserManifest = {
    version: 1,
    headSha: options.headSha,
    url: base.href,
    browser: version,
    ...verdictOf(results, base),
    pages: results,
    startedAt: new Date(begun).toISOString(),
    durationMs: Date.now() - begun,
  };
  const pictures = pages.flatMap(({ result: { screenshot }, picture }) =>
    screenshot && picture ? [[screenshot, picture] as const] : [],
  );
  return {
    manifest,
    files: { "manifest.json": jsonText(manifest), ...Object.fromEntries(pictures) },
  };
}

async function visitAll(
  browser: Browser,
  base: URL,
  options: BrowserSmokeOptions & Required<Pick<BrowserSmokeOptions, "signal" | "onProgress">>,
): Promise<PageSeen[]> {
  const { signal, onProgress, scrub = (text: string) => text } = options;
  const all: PageSeen[] = [];
  // Not at once: a browser slows down what is in the background.
  for (const [index, page] of options.pages.entries()) {
    const begun = Date.now();
    const deadlineMs = page.deadlineMs ?? options.deadlineMs ?? DEADLINE_MS;
    const took = () => Date.now() - begun;
    const seen = signal.aborted
      ? unseen(page.path, "it was interrupted", took())
      : await visit(browser, base, page, deadlineMs, signal).then(
          (found) => seenPage(index + 1, page.path, found, took(), scrub),
          (error: unknown) => unseen(page.path, scrub(firstLine(error)), took()),
        );
    onProgress(`${seen.result.passed ? "✔" : "✖"} ${page.path}: ${seen.result.reason}`);
    all.push(seen);
  }
  return all;
}

function verdictOf(
  pages: readonly PageResult[],
  base: URL,
): Pick<BrowserManifest, "passed" | "reason"> {
  const wrong = pages.filter(({ passed }) => !passed);
  const [first] = wrong;
  const all = pages.length === 1 ? "1 page" : `${pages.length} pages`;
  if (pages.length > 0 && !first) {
    return { passed: true, reason: `as expected in a browser: ${all} of ${base.href}` };
  }
  const counted = `${wrong.length} of ${all} of ${base.href} failed`;
  return { passed: false, reason: `${counted}: ${first?.path ?? ""}: ${first?.reason ?? ""}` };
}
