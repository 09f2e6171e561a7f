import { z } from "zod";
import { announcementSchema } from "../announce/announcement.ts";
import { browserManifest } from "../prove/browser/manifest.ts";
import { proofSchema } from "../prove/proof.ts";
import { watchSchema } from "../prove/watch-model.ts";
import { digestSchema } from "../registry/digest.ts";

/** What was seen of a target after a deployment. */
const seenSchema = z.strictObject({
  /** What its URL said; null where it has none. */
  proof: proofSchema.nullable(),
  /** What a browser saw; null where no page is asked for. */
  browser: browserManifest.nullable(),
  /** How health went on; null where it is not watched. */
  watch: watchSchema.nullable(),
});

/** What a deployment or rollback of a target did: plain data. */
export const deploymentSchema = z
  .strictObject({
    version: z.literal(1),
    kind: z.enum(["deployment", "rollback"]),
    pipeline: z.string(),
    channel: z.string(),
    /** `live`, or `staging/2` for a slot. */
    target: z.string(),
    environment: z.string(),
    commit: z.string(),
    /** Git tag that it was promoted as. */
    release: z.string().optional(),
    /** By service. */
    digests: z.record(z.string(), digestSchema),
    /** `unchanged`: it runs there already. `planned`: --dry-run asked what would be done. */
    outcome: z.enum(["succeeded", "failed", "unchanged", "planned"]),
    reason: z.string(),
    /** The target's own id of the release. */
    targetRelease: z.string().optional(),
    url: z.string().optional(),
    /** What it ran before. */
    previousCommit: z.string().optional(),
    /** What would be done and told, a line each; empty for what was done. */
    plan: z.array(z.string()),
    /** What was done about a failure; null where nothing failed, or nothing could be done. */
    takenBack: z.strictObject({ succeeded: z.boolean(), reason: z.string() }).nullable(),
    seen: seenSchema,
    /** What else people should know, a line each. */
    notes: z.array(z.string()),
    startedAt: z.string(),
    finishedAt: z.string(),
    by: z.string(),
    /** Who was told. */
    announcement: announcementSchema.nullable(),
  })
  .describe("A deployment or rollback of a target: what it brought, and what its URL said.");

/** What a deployment or rollback of a target did. */
export type DeploymentData = z.infer<typeof deploymentSchema>;
/** What was seen of a target after a deployment. */
export type Seen = z.infer<typeof seenSchema>;
