import { z } from "zod";

const page = z.strictObject({
  /** Path and query below the URL. */
  path: z.string(),
  /** HTTP status; null without an answer. */
  status: z.number().int().nullable(),
  passed: z.boolean(),
  /** What is wrong, or what was seen, on one line. */
  reason: z.string(),
  /** `screenshots/1-home.png`, beside the manifest; null when none could be taken. */
  screenshot: z.string().nullable(),
  /** SHA-256 of the screenshot, as hex. */
  sha256: z.string().nullable(),
  /** What the page wrote as an error to the console; told, and no part of the verdict. */
  consoleErrors: z.array(z.string()),
  /** Requests to other hosts that failed; told, and no part of the verdict. */
  failedRequests: z.array(z.string()),
  /** Milliseconds. */
  tookMs: z.number().nonnegative(),
});

/** What a real browser saw of a target: plain data, `manifest.json` of the browser evidence. */
export const browserManifest = z
  .strictObject({
    version: z.literal(1),
    /** Commit that is deployed. */
    headSha: z.string(),
    url: z.string(),
    /** `HeadlessChrome/148.0.7778.97`; null when there was none. */
    browser: z.string().nullable(),
    passed: z.boolean(),
    /** The verdict on one line. */
    reason: z.string(),
    /** In the order asked for. */
    pages: z.array(page),
    /** ISO 8601, UTC. */
    startedAt: z.string(),
    durationMs: z.number().nonnegative(),
  })
  .describe("What a real browser saw of a target: a result and a screenshot for each page.");

export type BrowserManifest = z.infer<typeof browserManifest>;
export type PageResult = z.infer<typeof page>;
