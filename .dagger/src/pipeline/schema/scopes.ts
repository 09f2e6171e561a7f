import { z } from "zod";
import { pathGlob } from "./glob.ts";

/** Globs of one scope. */
export const scope = z
  .array(pathGlob)
  .refine((globs) => globs.some((glob) => !glob.startsWith("!")), {
    error: "at least one glob that doesn't start with !",
  })
  .describe("Globs of paths; those that start with ! leave paths out.");
