import { z } from "zod";
import { label, tag } from "./names.ts";

/** A long-lived tag. */
export const channel = z
  .strictObject({
    tag: tag.optional().describe("Tag that this channel moves. Default: the channel's name."),
    order: z
      .int({ error: "a whole number" })
      .optional()
      .describe("Position among the channels, the first one lowest. Default: as listed."),
    verifyFrom: label
      .optional()
      .describe("Registry that a promotion verifies from. Default: the first one."),
  })
  .describe("A long-lived tag that candidates are promoted to.");
