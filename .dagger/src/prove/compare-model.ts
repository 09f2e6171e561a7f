import { z } from "zod";

/** What several places say of themselves, side by side: plain data. */
export const comparisonSchema = z.strictObject({
  /** Every place told its commit, and it is the same one. */
  sameCommit: z.boolean(),
  /** The comparison on one line. */
  reason: z.string(),
  /** In the order asked for. */
  places: z.array(
    z.strictObject({
      /** `staging/2` */
      place: z.string(),
      url: z.string(),
      /** Why it told nothing; null when it did. */
      error: z.string().nullable(),
      /** Null when none was readable. */
      commit: z.string().nullable(),
      /** Everything it said, as text. */
      fields: z.record(z.string(), z.string()),
    }),
  ),
  /** A row for each key that any place knows; the commit's under the first place's name for it. */
  rows: z.array(
    z.strictObject({
      name: z.string(),
      /** By place, in their order; null where it says nothing of it. */
      values: z.array(z.string().nullable()),
      differs: z.boolean(),
    }),
  ),
  /** ISO 8601, UTC. */
  comparedAt: z.string(),
});

export type Comparison = z.infer<typeof comparisonSchema>;
