import { z } from "zod";

/** Why something did not pass. Codes are stable: scripts may match on them. */
export const failureCodes = [
  "PULL_FAILED",
  "DIGEST_MISMATCH",
  "START_FAILED",
  "DEPENDENCY_NOT_READY",
  "SERVICE_EXITED",
  "SERVICE_LOST",
  "PROBE_TIMEOUT",
  "PROBE_STATUS",
  "PROBE_BODY",
  "PROBE_REDIRECT",
  "PROBE_UNSTABLE",
  "JOB_FAILED",
  "JOB_TIMEOUT",
  "CHECKSUM_MISMATCH",
  "INTERRUPTED",
] as const;

const milliseconds = z.number().nonnegative();

const failure = z.strictObject({
  code: z.enum(failureCodes),
  /** What should have been. */
  expected: z.string(),
  /** What was instead: the status, the first 300 characters of the body, the exit code. */
  found: z.string(),
  /** Both on one line, with the name of the container. */
  reason: z.string(),
  /** Milliseconds since the verification began. */
  atMs: milliseconds,
});

const log = z.strictObject({
  /** Last lines of standard output and error, without colours. */
  lines: z.array(z.string()),
  /** How many lines came before those. */
  earlierLines: z.number().int().nonnegative(),
  /** Bytes that were not kept anywhere, because there were too many. */
  omittedBytes: z.number().int().nonnegative(),
  /** Name of the whole log among the log files; null when nothing was written. */
  file: z.string().nullable(),
});

/** What every container of a verification has to tell. */
const container = {
  name: z.string(),
  /** The reference that was pulled. */
  image: z.string(),
  /** `skipped`: not started, or given up, because something it needs failed. */
  state: z.enum(["passed", "failed", "skipped"]),
  failure: failure.nullable(),
  /** For `skipped`: what it waited for in vain. */
  skippedBecause: z.string().nullable(),
  /** Null while its process runs, or when it never ran. */
  exitCode: z.number().int().nullable(),
  /** When its container was up, in milliseconds since the verification began; null if it never was. */
  startedAtMs: milliseconds.nullable(),
  /** Milliseconds that each phase took; null when it did not come to an end. */
  durations: z.strictObject({
    pull: milliseconds.nullable(),
    start: milliseconds.nullable(),
    /** From its start until it was healthy, ready, or done. */
    ready: milliseconds.nullable(),
  }),
  log,
};

const attempt = z.strictObject({
  /** Milliseconds since the container was started. */
  atMs: milliseconds,
  tookMs: milliseconds,
  status: z.number().int().nullable(),
  error: z.string().nullable(),
});

const probe = z.strictObject({
  path: z.string(),
  port: z.number().int(),
  expected: z.string(),
  passed: z.boolean(),
  healthyAfterMs: milliseconds.nullable(),
  deadlineMs: milliseconds,
  stableForMs: milliseconds,
  attempts: z.array(attempt),
});

const service = z.strictObject({
  ...container,
  digest: z.string(),
  probes: z.array(probe),
});

const job = z.strictObject({
  ...container,
  digest: z.string(),
  command: z.array(z.string()),
  expectedExitCode: z.number().int(),
});

const dependency = z.strictObject(container);

const file = z.strictObject({
  name: z.string(),
  /** Bytes. */
  size: z.number().int().nonnegative(),
  /** As it was released, 64 hex digits. */
  sha256: z.string(),
  /** Whether its bytes, as they were pulled, have that checksum. */
  intact: z.boolean(),
});

/** Files have no container: of what a container has to tell, they have no start, exit and log. */
const files = z.strictObject({
  ...container,
  digest: z.string(),
  /** Empty when their artifact could not be read. */
  files: z.array(file),
});

/** The result of a smoke verification: plain data, the same in every report. */
export const verificationSchema = z.strictObject({
  version: z.literal(1),
  /** Commit of the candidate. */
  commit: z.string(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  finishedAt: z.string(),
  durationMs: milliseconds,
  passed: z.boolean(),
  /** The verdict on one line. */
  reason: z.string(),
  /** Digest of everything under verification that passed, by name: what this verification is a proof of. */
  digests: z.record(z.string(), z.string()),
  services: z.array(service),
  jobs: z.array(job),
  dependencies: z.array(dependency),
  /** Services that are files. Reports from before there were any have none. */
  files: z.array(files).default([]),
});

export type FailureCode = (typeof failureCodes)[number];
export type Failure = z.infer<typeof failure>;
export type LogExcerpt = z.infer<typeof log>;
export type ProbeReport = z.infer<typeof probe>;
export type ServiceReport = z.infer<typeof service>;
export type JobReport = z.infer<typeof job>;
export type DependencyReport = z.infer<typeof dependency>;
export type FilesReport = z.infer<typeof files>;
export type ContainerReport = DependencyReport;
export type Verification = z.infer<typeof verificationSchema>;
