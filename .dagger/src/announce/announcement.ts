import { z } from "zod";
import { releaseEvent } from "./event.ts";

/** Whether somebody was told: `queued` is tried again, `skipped` did not care about the event. */
const toldSchema = z.strictObject({
  outcome: z.enum(["told", "queued", "skipped"]),
  /** Where it can be read. */
  url: z.string().optional(),
  /** What was done, or why it could not be; one line. */
  reason: z.string().optional(),
});

/** An event, and who was told of it: plain data, kept in the ledger until everybody was. */
export const announcementSchema = z
  .strictObject({
    event: releaseEvent,
    /** By the sink's name. */
    sinks: z.record(z.string(), toldSchema),
  })
  .describe("An event of a release, and who was told of it.");

/** An event, and who was told of it. */
export type Announcement = z.infer<typeof announcementSchema>;
