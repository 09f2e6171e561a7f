import type { HTTPRequest, HTTPResponse, Page } from "puppeteer-core";
import { shown } from "../../verify/probe/expectation.ts";

/** Different messages of each kind that are kept. */
const KEPT = 20;

/** What a page did besides showing itself. */
export interface Heard {
  /** Exceptions that nothing caught. */
  exceptions: Set<string>;
  /** Requests to the page's own host that failed. */
  ownFailures: Set<string>;
  /** Requests to other hosts that failed. */
  otherFailures: Set<string>;
  /** What it wrote as an error to the console. */
  consoleErrors: Set<string>;
}

/**
 * Listens to a page from before it is opened.
 *
 * @param hostname of the target: requests there are the page's own
 */
export function listen(page: Page, hostname: string): Heard {
  const heard: Heard = {
    exceptions: new Set(),
    ownFailures: new Set(),
    otherFailures: new Set(),
    consoleErrors: new Set(),
  };
  const failed = (request: HTTPRequest, what: string): void => {
    const own = new URL(request.url()).hostname === hostname;
    const text = `${request.method()} ${withoutQuery(request.url())}: ${what}`;
    keep(own ? heard.ownFailures : heard.otherFailures, text);
  };
  page.on("pageerror", (error) => {
    keep(heard.exceptions, error instanceof Error ? error.message : String(error));
  });
  page.on("console", (message) => {
    if (message.type() === "error") keep(heard.consoleErrors, message.text());
  });
  page.on("requestfailed", (request) => {
    const text = request.failure()?.errorText ?? "no answer";
    // Of the page itself its visitor hears otherwise.
    const itself = request.isNavigationRequest() && request.frame() === page.mainFrame();
    // Aborted: the page itself gave it up, or went elsewhere.
    if (!itself && text !== "net::ERR_ABORTED") failed(request, text);
  });
  page.on("response", (response) => {
    if (broken(response)) failed(response.request(), `status ${response.status()}`);
  });
  // Nobody is there to answer it, and the page stands still until somebody does.
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
  return heard;
}

/**
 * An answer that no working page gets: a server's own failure, or a missing script or style. Other
 * refusals are part of life, such as 401 for somebody who has not signed in.
 */
function broken(response: HTTPResponse): boolean {
  const request = response.request();
  if (request.isNavigationRequest()) return false;
  const essential = ["script", "stylesheet"].includes(request.resourceType());
  return response.status() >= (essential ? 400 : 500);
}

function keep(set: Set<string>, text: string): void {
  if (set.size < KEPT) set.add(shown(text));
}

/** Queries may carry what is not for everybody. */
function withoutQuery(url: string): string {
  return url.split(/[?#]/, 1)[0] ?? "";
}
