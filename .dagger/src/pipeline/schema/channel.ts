import { z } from "zod";
import { branchName } from "./branch.ts";
import { gates } from "./gates.ts";
import { label, tag } from "./names.ts";
import { line } from "./values.ts";

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
    after: z
      .array(label)
      .default([])
      .describe("Channels that have to hold the same candidate before; all of a lower order."),
    branch: branchName
      .optional()
      .describe("Branch that a promotion fast-forwards to the promoted commit."),
    notices: z
      .array(line)
      .default([])
      .describe("Reminders for everybody who is told of a success here."),
    gates: gates.optional(),
  })
  .describe("A long-lived tag that candidates are promoted to.");
