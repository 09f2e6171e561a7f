import { z } from "zod";
import { isGlob } from "./glob.ts";

const pattern = z
  .string()
  .refine((text) => isGlob(text) && !/[\s~^:\\]|^-|\.\./.test(text), {
    error: "a glob of tag names, such as prod-*",
  })
  .describe("Glob that the tag's name has to match, such as prod-*.");

const own = z
  .strictObject({
    pattern,
    annotated: z
      .boolean()
      .default(true)
      .describe("Whether it has to be an annotated tag. Default: true."),
  })
  .transform(({ pattern, annotated }) => ({ kind: "pattern" as const, pattern, annotated }));

/** Which git tags stand for releases. */
export const releasePolicy = z
  .union([
    z
      .enum(["semver", "calendar"])
      .transform((kind) => ({ kind, pattern: undefined, annotated: true })),
    own,
  ])
  .describe(
    "An annotated git tag stands on the commit: semver (v1.2.3), calendar (v2026.01.31, a second one that day v2026.01.31-2), or {pattern, annotated}.",
  );
