import { z } from "zod";

/** Why a URL is not proven. Codes are stable: scripts may match on them. */
export const proofCodes = [
  "PROBE_TIMEOUT",
  "PROBE_STATUS",
  "PROBE_BODY",
  "PROBE_REDIRECT",
  "PROBE_UNSTABLE",
  "VERSION_MISMATCH",
  "VERSION_UNREADABLE",
  "INTERRUPTED",
] as const;

const milliseconds = z.number().nonnegative();

const request = {
  path: z.string(),
  /** For people. */
  expected: z.string(),
  /** `cut`: given up, because another request failed. */
  state: z.enum(["passed", "failed", "cut"]),
  /** First expected answer, in milliseconds since the proof began; null without one. */
  healthyAfterMs: milliseconds.nullable(),
  deadlineMs: milliseconds,
  stableForMs: milliseconds,
  attempts: z.array(
    z.strictObject({
      /** Since the proof began. */
      atMs: milliseconds,
      tookMs: milliseconds,
      status: z.number().int().nullable(),
      /** What was found instead of what was expected; null for the expected answer. */
      error: z.string().nullable(),
    }),
  ),
};

/** Proof that a public URL serves a commit, or why it doesn't: plain data. */
export const proofSchema = z.strictObject({
  passed: z.boolean(),
  /** Null when it passed. */
  code: z.enum(proofCodes).nullable(),
  url: z.string(),
  /** The verdict on one line. */
  reason: z.string(),
  probes: z.array(z.strictObject(request)),
  /** Null for a target that doesn't say what it runs. */
  version: z
    .strictObject({
      ...request,
      /** The commit that has to answer. */
      commit: z.string(),
      /** The commit that answered last; null when none was readable. */
      found: z.string().nullable(),
      /** Everything that the endpoint said last, as text. */
      fields: z.record(z.string(), z.string()),
      /** What else is not as expected; told, and no part of the verdict. */
      differences: z.array(z.string()),
    })
    .nullable(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  durationMs: milliseconds,
});

export type ProofCode = (typeof proofCodes)[number];
export type Proof = z.infer<typeof proofSchema>;
