import { z } from "zod";

const milliseconds = z.number().nonnegative();

/** Why a watch did not pass. Codes are stable: scripts may match on them. */
export const watchCodes = ["WATCH_FAILING", "WATCH_UNSTABLE", "INTERRUPTED"] as const;

/** How health and version went on after a deployment: plain data. */
export const watchSchema = z.strictObject({
  passed: z.boolean(),
  /** Null when it passed. */
  code: z.enum(watchCodes).nullable(),
  url: z.string(),
  /** The verdict on one line. */
  reason: z.string(),
  /** How long it was to be watched, and how often it was asked. */
  forMs: milliseconds,
  everyMs: milliseconds,
  checks: z.number().int().nonnegative(),
  /** Checks in which any request was not as expected. */
  failures: z.array(
    z.strictObject({
      /** Since the watch began. */
      atMs: milliseconds,
      reason: z.string(),
    }),
  ),
  /** Null for a target without logs. */
  logs: z
    .strictObject({
      /** How often they were read. */
      read: z.number().int().nonnegative(),
      /** Why they could not be read the last time; null when they could. */
      error: z.string().nullable(),
      /** Different lines that tell of errors, the first 50; reported, and no part of the verdict. */
      errorLines: z.array(z.string()),
      /** How many there were. */
      errorCount: z.number().int().nonnegative(),
      /** The last lines, 50 at most. */
      tail: z.array(z.string()),
    })
    .nullable(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  durationMs: milliseconds,
});

export type Watch = z.infer<typeof watchSchema>;
