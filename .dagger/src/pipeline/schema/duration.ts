import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
const LONGEST_MS = 24 * 3_600_000;

/** Milliseconds of a duration such as `30s`, `500ms`, `1m30s`; undefined if it isn't one. */
export function parseDuration(text: string): number | undefined {
  if (!DURATION.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ""] ?? 0),
    0,
  );
  return Math.round(total);
}

/** A duration from 1 ms to 24 hours, read as milliseconds. */
export const duration = z
  .string()
  .regex(DURATION, { error: "a duration such as 30s, 2m or 500ms", abort: true })
  .transform((text, context) => {
    const ms = parseDuration(text) ?? 0;
    if (ms < 1 || ms > LONGEST_MS) {
      context.addIssue({ code: "custom", message: "a duration between 1ms and 24h" });
    }
    return ms;
  });
