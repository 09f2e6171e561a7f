import { z } from "zod";
import { holdingSchema } from "../ledger/model.ts";
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
  .describe("What each channel holds, by the ledger and in every registry.");

/** What runs where. */
export type Status = z.infer<typeof statusSchema>;
export type ChannelStatus = Status["channels"][number];
export type RefStatus = ChannelStatus["refs"][number];
