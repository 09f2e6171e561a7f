import { z } from "zod";
import { announcementSchema } from "../announce/announcement.ts";
import { gateResultSchema } from "../gates/gate.ts";
import { digestSchema } from "../registry/digest.ts";

const commit = z.string().regex(/^[0-9a-f]{40}$/);
const digests = z.record(z.string(), digestSchema).describe("Digest by service.");

/** What every record says, whatever it is about. */
const common = {
  version: z.literal(1),
  pipeline: z.string(),
  /** ISO 8601, UTC; for people. The order is that of `sequence`. */
  at: z.string(),
  /** Who wrote it, as they call themselves. */
  by: z.string(),
};

/** A tag's move, as planned or done. */
export const moveSchema = z.strictObject({
  service: z.string(),
  registry: z.string(),
  /** `ghcr.io/acme/backend:prod` */
  ref: z.string(),
  /** What it held before; null when it did not exist. */
  from: digestSchema.nullable(),
  to: digestSchema,
});

/** A branch of the git remote that moves along with a channel. */
export const branchMoveSchema = z.strictObject({
  name: z.string(),
  /** Null when there was no such branch. */
  from: commit.nullable(),
  to: commit,
});

/** What a channel holds. */
export const holdingSchema = z.strictObject({
  commit,
  /** Git tag that it was promoted as. */
  release: z.string().optional(),
  digests,
});

export const candidateRecord = z.strictObject({
  ...common,
  kind: z.literal("candidate"),
  commit,
  digests,
  /** When it was committed, ISO 8601; missing when the repository was not at hand. */
  committedAt: z.string().optional(),
  /** Which parts of the system it changes, by name. */
  scope: z.record(z.string(), z.boolean()),
  /** What the scope was computed against. */
  base: commit.optional(),
});

export const verificationRecord = z.strictObject({
  ...common,
  kind: z.literal("verification"),
  commit,
  digests,
  /** Name of the registry that was pulled from. */
  registry: z.string(),
  passed: z.boolean(),
  /** One line. */
  reason: z.string(),
  durationMs: z.number().nonnegative(),
});

export const rejectionRecord = z.strictObject({
  ...common,
  kind: z.literal("rejection"),
  commit,
  reason: z.string(),
});

export const approvalRecord = z.strictObject({
  ...common,
  kind: z.literal("approval"),
  commit,
  channel: z.string(),
  note: z.string(),
});

/**
 * A promotion or rollback takes two records: `started` is written before any tag moves, and is the
 * journal; then `finished` or `undone`.
 */
const change = {
  ...common,
  channel: z.string(),
  tag: z.string(),
  commit,
  release: z.string().optional(),
  state: z.enum(["started", "finished", "undone"]),
  moves: z.array(moveSchema),
  branch: branchMoveSchema.optional(),
  /** What the channel holds from here on; null while it holds nothing. */
  holds: holdingSchema.nullable(),
  /** What it held before. */
  held: holdingSchema.nullable(),
  /** Commits that were rolled back and may not come again, until a newer one passes. */
  blocked: z.array(commit),
  gates: z.array(gateResultSchema),
  reason: z.string().optional(),
};
export const promotionRecord = z.strictObject({ ...change, kind: z.literal("promotion") });
export const rollbackRecord = z.strictObject({ ...change, kind: z.literal("rollback") });

/** What a target runs. */
export const deployedSchema = holdingSchema.extend({
  /** The target's own id of the release. */
  targetRelease: z.string().optional(),
});

/** A deployment takes two records: `started` before anything changes, then how it ended. */
export const deploymentRecord = z.strictObject({
  ...common,
  kind: z.literal("deployment"),
  channel: z.string(),
  /** `live`, or `staging/2` for a slot. */
  target: z.string(),
  environment: z.string(),
  /** `rollback`: back to something that it ran before. */
  cause: z.enum(["deployment", "rollback"]),
  commit,
  /** Git tag that it was promoted as. */
  release: z.string().optional(),
  digests,
  outcome: z.enum(["started", "succeeded", "failed"]),
  /** The target's own id of the release. */
  targetRelease: z.string().optional(),
  url: z.string().optional(),
  reason: z.string(),
  /** What the target runs from here on; null for nothing that is recorded. */
  holds: deployedSchema.nullable(),
  /** What it ran before. */
  held: deployedSchema.nullable(),
  /** Commits that were taken back here and may not come again, until a newer one is deployed. */
  blocked: z.array(commit),
});

/** Who was told of something, and who is still to be told. */
/** How a target went on after a deployment. */
export const watchRecord = z.strictObject({
  ...common,
  kind: z.literal("watch"),
  commit,
  channel: z.string(),
  target: z.string(),
  passed: z.boolean(),
  /** One line. */
  reason: z.string(),
  durationMs: z.number().nonnegative(),
});

export const announcementRecord = z.strictObject({
  ...common,
  kind: z.literal("announcement"),
  channel: z.string(),
  commit,
  announcement: announcementSchema,
});

/** One record of the ledger. */
export const recordSchema = z
  .discriminatedUnion("kind", [
    candidateRecord,
    verificationRecord,
    rejectionRecord,
    approvalRecord,
    promotionRecord,
    rollbackRecord,
    deploymentRecord,
    watchRecord,
    announcementRecord,
  ])
  .describe("A record of the release ledger.");

export type LedgerRecord = z.infer<typeof recordSchema>;
export type CandidateRecord = z.infer<typeof candidateRecord>;
export type VerificationRecord = z.infer<typeof verificationRecord>;
export type RejectionRecord = z.infer<typeof rejectionRecord>;
export type ApprovalRecord = z.infer<typeof approvalRecord>;
export type ChangeRecord = z.infer<typeof promotionRecord> | z.infer<typeof rollbackRecord>;
export type DeploymentRecord = z.infer<typeof deploymentRecord>;
export type AnnouncementRecord = z.infer<typeof announcementRecord>;
export type Deployed = z.infer<typeof deployedSchema>;
export type Holding = z.infer<typeof holdingSchema>;
export type Move = z.infer<typeof moveSchema>;

/** A record where it lies in the ledger. */
export interface Entry<R extends LedgerRecord = LedgerRecord> {
  /** `channel.prod` or `commit.<sha>`. */
  stream: string;
  /** 1 for the first one of its stream. */
  sequence: number;
  /** Digest of its manifest. */
  digest: string;
  /** Digest of the record before it; null for the first one. */
  previous: string | null;
  record: R;
}
