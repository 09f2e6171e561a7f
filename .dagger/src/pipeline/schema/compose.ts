import { z } from "zod";
import { label } from "./names.ts";
import { innerPath } from "./values.ts";

/** A Compose manifest that follows a channel. */
export const compose = z
  .strictObject({
    file: innerPath.describe("Path of the manifest in the repository, to see whether it drifted."),
    channel: label.describe("Channel whose images it pins by digest."),
    registry: label.optional().describe("Registry it pulls from. Default: the first one."),
  })
  .describe("A Compose manifest that is written anew from what a channel holds, pinned by digest.");
