import { z } from "zod";
import { gateResultSchema } from "../gates/gate.ts";
import { branchMoveSchema, moveSchema } from "../ledger/model.ts";

/** What a promotion or rollback did: plain data. */
export const promotionSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.enum(["promotion", "rollback"]),
    pipeline: z.string(),
    channel: z.string(),
    tag: z.string(),
    commit: z.string(),
    /** Git tag that it was promoted as. */
    release: z.string().optional(),
    /** `unchanged`: everything was there already, and nothing was written. */
    outcome: z.enum(["moved", "unchanged"]),
    /** ISO 8601, UTC: when the last tag was read back. */
    finishedAt: z.string(),
    /** How long moving took, without the verification; milliseconds. */
    movedMs: z.number().nonnegative(),
    /** Every tag: what it held before, and what was read back from it. */
    moves: z.array(moveSchema),
    /** The branch that was fast-forwarded along with the tags. */
    branch: branchMoveSchema.optional(),
    gates: z.array(gateResultSchema),
    /** What else people should know, a line each. */
    notes: z.array(z.string()),
  })
  .describe("A promotion or rollback: every tag, what it held, and what it holds.");

/** What a promotion or rollback did. */
export type PromotionData = z.infer<typeof promotionSchema>;
