import { createHash } from "node:crypto";
import { slugOf } from "../../pipeline/slug.ts";
import type { PageResult } from "./manifest.ts";
import type { Visit } from "./visit.ts";

const SLUG_LENGTH = 60;

/** A page's result, and its picture. */
export interface PageSeen {
  result: PageResult;
  /** PNG; undefined when none could be taken. */
  picture: Uint8Array | undefined;
}

/** @param number of the page, from 1; part of the picture's name */
export function seenPage(
  number: number,
  path: string,
  { status, problems, heard, screenshot }: Visit,
  tookMs: number,
  scrub: (text: string) => string,
): PageSeen {
  const name = slugOf(path === "/" ? "home" : path).slice(0, SLUG_LENGTH);
  return {
    result: {
      path,
      status,
      passed: problems.length === 0,
      reason: scrub(problems.join("; ")) || "it looks as expected",
      screenshot: screenshot ? `screenshots/${number}-${name}.png` : null,
      sha256: screenshot ? createHash("sha256").update(screenshot).digest("hex") : null,
      consoleErrors: [...heard.consoleErrors].map(scrub),
      failedRequests: [...heard.otherFailures].map(scrub),
      tookMs,
    },
    picture: screenshot,
  };
}

/** A page that could not be opened at all. */
export function unseen(path: string, reason: string, tookMs: number): PageSeen {
  const nothing = { screenshot: null, sha256: null, consoleErrors: [], failedRequests: [] };
  return {
    result: { path, status: null, passed: false, reason, ...nothing, tookMs },
    picture: undefined,
  };
}
