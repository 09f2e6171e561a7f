import { z } from "zod";
import { digestSchema } from "../registry/digest.ts";

/** One tag of a promotion. */
const move = z.strictObject({
  service: z.string(),
  registry: z.string(),
  /** `ghcr.io/acme/backend:prod` */
  ref: z.string(),
  /** What it held before; null when it did not exist. */
  from: digestSchema.nullable(),
  /** What was read back from it. */
  to: digestSchema,
});

/** What a promotion did: plain data. */
export const promotionSchema = z
  .strictObject({
    version: z.literal(1),
    pipeline: z.string(),
    channel: z.string(),
    tag: z.string(),
    commit: z.string(),
    /** ISO 8601, UTC: when the last tag was read back. */
    finishedAt: z.string(),
    /** How long moving took, without the verification; milliseconds. */
    movedMs: z.number().nonnegative(),
    moves: z.array(move),
  })
  .describe("A promotion: every tag, what it held, and what it holds.");

/** What a promotion did. */
export type PromotionData = z.infer<typeof promotionSchema>;
export type Move = z.infer<typeof move>;
