import { z } from "zod";
import { digestSchema } from "../registry/digest.ts";

/** What a commit became: plain data, as `candidate.json` holds it. */
export const candidateSchema = z
  .strictObject({
    version: z.literal(1),
    /** Name of the pipeline. */
    pipeline: z.string(),
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    services: z.array(
      z.strictObject({
        name: z.string(),
        /** The same in every registry. */
        digest: digestSchema,
        /** `repository@sha256:…` by the registry's name. */
        refs: z.record(z.string(), z.string()),
      }),
    ),
  })
  .describe("The images that a commit became, by digest.");

/** The images that a commit became. */
export type CandidateData = z.infer<typeof candidateSchema>;

/** The tag that belongs to a commit, and never moves. */
export function candidateTag(commit: string): string {
  return `sha-${commit}`;
}
