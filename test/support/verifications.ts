import type { Verification } from "../../.dagger/src/verify/model.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const image = (name: string, letter: string) => `ghcr.io/acme/${name}@${digest(letter)}`;

/** A verification in which about everything happened that can happen. */
export const failedVerification: Verification = {
  version: 1,
  commit: "4f1c0ffee1234567890abcdef1234567890abcde",
  startedAt: "2026-03-04T05:06:07.089Z",
  finishedAt: "2026-03-04T05:06:19.500Z",
  durationMs: 12_411,
  passed: false,
  reason:
    'frontend: expected status 200 from GET :8080/ within 10 s, got status 502: <h1>Bad "gateway"</h1> & more (and 1 more failure)',
  digests: { backend: digest("a") },
  dependencies: [
    {
      name: "db",
      image: "postgres:17-alpine",
      state: "passed",
      failure: null,
      skippedBecause: null,
      exitCode: null,
      startedAtMs: 620,
      durations: { pull: 310, start: 300, ready: 1130 },
      log: {
        lines: [
          "PostgreSQL init process complete; ready for start up.",
          "LOG:  database system is ready to accept connections",
        ],
        earlierLines: 48,
        omittedBytes: 0,
        file: "db.log",
      },
    },
  ],
  services: [
    {
      name: "backend",
      image: image("backend", "a"),
      digest: digest("a"),
      state: "passed",
      failure: null,
      skippedBecause: null,
      exitCode: null,
      startedAtMs: 2100,
      durations: { pull: 410, start: 340, ready: 2600 },
      log: { lines: ["listening on :8080"], earlierLines: 0, omittedBytes: 0, file: "backend.log" },
      probes: [
        {
          path: "/healthz",
          port: 8080,
          expected: 'status 200 with a body that contains "ok"',
          passed: true,
          healthyAfterMs: 600,
          deadlineMs: 10_000,
          stableForMs: 2000,
          attempts: [
            { atMs: 2, tookMs: 1, status: null, error: "the connection was refused" },
            { atMs: 27, tookMs: 1, status: null, error: "the connection was refused" },
            { atMs: 120, tookMs: 30, status: 500, error: "status 500: warming up" },
            { atMs: 600, tookMs: 12, status: 200, error: null },
            ...Array.from({ length: 8 }, (_, index) => ({
              atMs: 850 + index * 250,
              tookMs: 8,
              status: 200,
              error: null,
            })),
          ],
        },
      ],
    },
    {
      name: "frontend",
      image: image("frontend-of-the-whole-system", "b"),
      digest: digest("b"),
      state: "failed",
      failure: {
        code: "PROBE_STATUS",
        expected: "status 200 from GET :8080/ within 10 s",
        found: 'status 502: <h1>Bad "gateway"</h1> & more',
        reason:
          'frontend: expected status 200 from GET :8080/ within 10 s, got status 502: <h1>Bad "gateway"</h1> & more',
        atMs: 12_400,
      },
      skippedBecause: null,
      exitCode: null,
      startedAtMs: 2400,
      durations: { pull: 220, start: 290, ready: null },
      log: {
        lines: [
          "2026/03/04 05:06:11 [notice] 1#1: start worker processes",
          "2026/03/04 05:06:12 [error] 22#22: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 10.87.0.1",
          '10.87.0.1 - - "GET / HTTP/1.1" 502 157 "-" "sluice-verify"',
          "<script>alert('not run')</script>",
        ],
        earlierLines: 12,
        omittedBytes: 734_003_200,
        file: "frontend.log",
      },
      probes: [
        {
          path: "/",
          port: 8080,
          expected: "status 200",
          passed: false,
          healthyAfterMs: null,
          deadlineMs: 10_000,
          stableForMs: 0,
          attempts: Array.from({ length: 30 }, (_, index) => ({
            atMs: 10 + index * 330,
            tookMs: 40,
            status: 502,
            error: 'status 502: <h1>Bad "gateway"</h1> & more',
          })),
        },
        {
          path: "/a/rather/long/path/that/has-to-wrap/somewhere?with=a&query=too",
          port: 8080,
          expected: "status 200",
          passed: true,
          healthyAfterMs: 14,
          deadlineMs: 10_000,
          stableForMs: 0,
          attempts: [{ atMs: 10, tookMs: 4, status: 200, error: null }],
        },
      ],
    },
    {
      name: "mailer",
      image: image("mailer", "d"),
      digest: digest("d"),
      state: "failed",
      failure: {
        code: "SERVICE_EXITED",
        expected: "a process that keeps running",
        found: "exit code 137 (SIGKILL, often for lack of memory)",
        reason:
          "mailer: ended before it was healthy, exit code 137 (SIGKILL, often for lack of memory); it printed nothing",
        atMs: 12_409,
      },
      skippedBecause: null,
      exitCode: 137,
      startedAtMs: 1200,
      durations: { pull: 700, start: 250, ready: null },
      log: { lines: [], earlierLines: 0, omittedBytes: 0, file: null },
      probes: [
        {
          path: "/",
          port: 8025,
          expected: "status 200",
          passed: false,
          healthyAfterMs: null,
          deadlineMs: 10_000,
          stableForMs: 0,
          attempts: [],
        },
      ],
    },
  ],
  files: [],
  jobs: [
    {
      name: "scraper",
      image: image("scraper", "c"),
      digest: digest("c"),
      state: "skipped",
      failure: null,
      skippedBecause: "it needs frontend",
      exitCode: null,
      startedAtMs: null,
      durations: { pull: 250, start: null, ready: null },
      log: { lines: [], earlierLines: 0, omittedBytes: 0, file: null },
      command: ["node", "scrape.js", "--once"],
      expectedExitCode: 0,
    },
  ],
};

const [backend] = failedVerification.services;

/** A verification without anything to complain about. */
export const passedVerification: Verification = {
  ...failedVerification,
  passed: true,
  reason: "1 service healthy, 1 job passed in 5.2 s",
  durationMs: 5200,
  digests: { backend: digest("a"), scraper: digest("c") },
  services: backend ? [backend] : [],
  jobs: failedVerification.jobs.map((job) => ({
    ...job,
    state: "passed" as const,
    skippedBecause: null,
    exitCode: 0,
    startedAtMs: 4800,
    durations: { pull: 250, start: 200, ready: 380 },
    log: { lines: ["42 items collected"], earlierLines: 0, omittedBytes: 0, file: "scraper.log" },
  })),
};

const sha256 = (letter: string) => letter.repeat(64);

/** A verification of files alone, one of which has lost a bit. */
export const corruptFiles: Verification = {
  ...passedVerification,
  durationMs: 240,
  passed: false,
  reason: `firmware: expected SHA-256 ${sha256("f")} of firmware.bin (4096 bytes), got ${sha256("0")} (4096 bytes)`,
  ...{ digests: {}, services: [], jobs: [], dependencies: [] },
  files: [
    {
      ...{ name: "firmware", image: image("firmware", "d"), digest: digest("d") },
      state: "failed",
      failure: {
        code: "CHECKSUM_MISMATCH",
        expected: `SHA-256 ${sha256("f")} of firmware.bin (4096 bytes)`,
        found: `${sha256("0")} (4096 bytes)`,
        reason: `firmware: expected SHA-256 ${sha256("f")} of firmware.bin (4096 bytes), got ${sha256("0")} (4096 bytes)`,
        atMs: 230,
      },
      ...{ skippedBecause: null, exitCode: null, startedAtMs: null },
      durations: { pull: null, start: null, ready: null },
      log: { lines: [], earlierLines: 0, omittedBytes: 0, file: null },
      files: [
        { name: "firmware.bin", size: 4096, sha256: sha256("f"), intact: false },
        { name: "firmware.map", size: 12, sha256: sha256("e"), intact: true },
      ],
    },
  ],
};

/** The same, with all its bits. */
export const intactFiles: Verification = {
  ...corruptFiles,
  ...{ passed: true, reason: "2 files intact in 240 ms", digests: { firmware: digest("d") } },
  files: corruptFiles.files.map((one) => ({
    ...one,
    ...{ state: "passed" as const, failure: null },
    durations: { pull: 220, start: null, ready: null },
    files: one.files.map((file) => ({ ...file, intact: true })),
  })),
};
