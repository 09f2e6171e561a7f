import { z } from "zod";
import { deployedSchema, holdingSchema } from "../ledger/model.ts";
import { digestSchema } from "../registry/digest.ts";

/** A tag of a channel in one registry. */
const ref = z.strictObject({
  service: z.string(),
  registry: z.string(),
  /** `ghcr.io/acme/backend:prod` */
  ref: z.string(),
  /** What it holds right now; null when there is no such tag. */
  digest: digestSchema.nullable(),
  /** What the ledger says that it holds; null for nothing. */
  recorded: digestSchema.nullable(),
});

const lock = z.strictObject({
  holder: z.string(),
  reason: z.string(),
  /** ISO 8601, UTC; null where the lock does not say. */
  since: z.string().nullable(),
  command: z.string(),
  /** What unlocking asks for. */
  claim: z.string(),
});

/** A place that the channel is deployed to. */
const target = z.strictObject({
  /** `live`, or `staging/2` for a slot. */
  target: z.string(),
  environment: z.string(),
  /** What the ledger says that it runs; null for nothing. */
  holds: deployedSchema.nullable(),
  /** How its last deployment ended; null while there was none. */
  outcome: z.enum(["started", "succeeded", "failed"]).nullable(),
  /** When that was, ISO 8601, and by whom. */
  since: z.string().nullable(),
  by: z.string().nullable(),
  url: z.string().nullable(),
  /** Which commit its URL names right now; null where it was not asked, or did not say. */
  serves: z.string().nullable(),
});

const channel = z.strictObject({
  channel: z.string(),
  tag: z.string(),
  /** What the ledger says that it holds. */
  holds: holdingSchema.nullable(),
  /** When that was promoted, ISO 8601, and by whom. */
  since: z.string().nullable(),
  by: z.string().nullable(),
  /** Commits that were rolled back, and may not come again until a newer one passes. */
  blocked: z.array(z.string()),
  /** Who holds its lock; null for nobody. */
  lock: lock.nullable(),
  /** The branch that moves along, and where it is on the git remote. */
  branch: z.strictObject({ name: z.string(), commit: z.string().nullable() }).nullable(),
  refs: z.array(ref),
  /** Places that it is deployed to. */
  targets: z.array(target),
  /** What is not as the ledger says, a line each, with what to do about it. */
  drift: z.array(z.string()),
});

/** What runs where: plain data. */
export const statusSchema = z
  .strictObject({
    version: z.literal(1),
    pipeline: z.string(),
    channels: z.array(channel),
  })
  .describe("What each channel holds, by the ledger, in every registry, and at every target.");

/** What runs where. */
export type Status = z.infer<typeof statusSchema>;
export type ChannelStatus = Status["channels"][number];
export type TargetStatus = ChannelStatus["targets"][number];
export type RefStatus = ChannelStatus["refs"][number];
