import { z } from "zod";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Minutes since midnight of a time such as `09:30`; undefined if it isn't one. */
function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^([01]\d|2[0-4]):([0-5]\d)$/.exec(text) ?? [];
  if (hours === undefined) return undefined;
  const total = Number(hours) * 60 + Number(minutes);
  return total > 24 * 60 ? undefined : total;
}

const time = z
  .string()
  .refine((text) => minutesOf(text) !== undefined, {
    error: 'a time from "00:00" to "24:00"',
    abort: true,
  })
  .transform((text) => minutesOf(text) ?? 0);

const timezone = z.string().refine(
  (name) => {
    try {
      new Intl.DateTimeFormat("en", { timeZone: name });
      return true;
    } catch {
      return false;
    }
  },
  { error: "a time zone such as Europe/Berlin or UTC" },
);

/** When a channel may change. */
export const deploymentWindow = z
  .strictObject({
    days: z
      .array(z.enum(DAYS))
      .min(1, { error: "at least one day" })
      .default([...DAYS])
      .describe("Days on which it opens. Default: every day."),
    from: time
      .optional()
      .describe('When it opens, such as "09:00". Default: at the start of the day.'),
    to: time
      .optional()
      .describe(
        'When it closes, such as "17:00"; earlier than from: on the next day. Default: "24:00".',
      ),
    timezone: timezone.default("UTC").describe("Time zone of the times. Default: UTC."),
  })
  .transform(({ days, from, to, timezone }, context) => {
    const window = { days, fromMinute: from ?? 0, toMinute: to ?? 24 * 60, timezone };
    if (window.fromMinute === window.toMinute || window.fromMinute === 24 * 60) {
      context.addIssue({ code: "custom", message: "a window that opens before it closes" });
    }
    return window;
  })
  .describe("The only time in which it may be promoted to.");
