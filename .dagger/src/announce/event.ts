import { z } from "zod";
import { digestSchema } from "../registry/digest.ts";

/** Something of a release that people are told of: plain data, kept in the ledger until it is told. */
export const releaseEvent = z
  .strictObject({
    version: z.literal(1),
    /** Stable and unique: telling it twice is noticed by it. `deployment live 12` */
    id: z.string(),
    /**
     * `deploying`: a deployment begins. `taken-back`: a target went back to what it ran before.
     * `merged`: a commit came to a branch that a discussion follows.
     */
    kind: z.enum([
      "promoted",
      "rolled-back",
      "promotion-failed",
      "deploying",
      "deployed",
      "deployment-failed",
      "taken-back",
      "merged",
    ]),
    pipeline: z.string(),
    channel: z.string(),
    /** `live`, `staging/2`; missing for what is about the channel alone. */
    target: z.string().optional(),
    /** What GitHub calls the target. */
    environment: z.string().optional(),
    commit: z.string().regex(/^[0-9a-f]{40}$/),
    /** Git tag that it was promoted as. */
    release: z.string().optional(),
    digests: z.record(z.string(), digestSchema),
    /** What was there before. */
    previousCommit: z.string().optional(),
    /** The platform's own id of the release, such as Fly's. */
    targetRelease: z.string().optional(),
    /** Where users find the target. */
    url: z.string().optional(),
    /** The CI run that did it. */
    runUrl: z.string().optional(),
    at: z.iso.datetime(),
    by: z.string(),
    /** Why, or what went wrong; one line. */
    reason: z.string().optional(),
    /** What operators added, by heading: `Follow-up`, `Root cause`, `Overrides`. */
    notes: z.record(z.string(), z.string()),
  })
  .describe("Something of a release that people are told of.");

/** Something of a release that people are told of. */
export type ReleaseEvent = z.infer<typeof releaseEvent>;
