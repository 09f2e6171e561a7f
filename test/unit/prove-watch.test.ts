import { describe, expect, test } from "vitest";
import { errorLines } from "../../.dagger/src/prove/error-lines.ts";
import { watchSchema } from "../../.dagger/src/prove/watch-model.ts";
import { watchSummary } from "../../.dagger/src/prove/watch-summary.ts";
import { watchTarget, type WatchOptions } from "../../.dagger/src/prove/watch.ts";
import type { Answer } from "../../.dagger/src/verify/probe/http.ts";
import {
  healthProbe,
  newCommit,
  oldCommit,
  site,
  versionEndpoint,
  versionOf,
} from "../support/publicSite.ts";
import { virtualClock } from "../support/virtualClock.ts";

const url = "https://shop.example.com/";
const ok: Answer = { status: 200, body: "ok" };
const down: Answer = { status: 503, body: "no database" };
const minute = 60_000;

/** Watches a site that answers as given; no real time passes. */
async function watch(
  health: (atMs: number) => Answer,
  own: Partial<WatchOptions> & { version?: WatchOptions["version"] } = {},
) {
  const clock = virtualClock();
  const { get, asked } = site(clock, {
    "/healthz": health,
    "/api/version": (atMs) => versionOf(atMs === 25_000 ? oldCommit : newCommit),
  });
  const lines: string[] = [];
  const seen = await watchTarget({
    url,
    probes: [healthProbe()],
    version: undefined,
    expected: { commit: newCommit },
    forMs: minute,
    clock,
    get,
    onProgress: (line) => lines.push(line),
    ...own,
  });
  expect(watchSchema.parse(JSON.parse(JSON.stringify(seen)))).toEqual(seen);
  return { seen, asked, lines };
}

describe("a watch", () => {
  test("asks every five seconds for the whole time", async () => {
    const { seen, asked } = await watch(() => ok);
    expect(seen).toMatchObject({ passed: true, code: null, checks: 13, failures: [], logs: null });
    expect(asked.map(({ atMs }) => atMs)).toEqual(
      Array.from({ length: 13 }, (_, index) => index * 5000),
    );
    expect(watchSummary(seen)).toEqual([`✔ ${url} was healthy for 60 s: 13 checks passed`]);
  });

  test("asks when the time is over, too, when that is not in step", async () => {
    const { asked } = await watch(() => ok, { forMs: 12_000 });
    expect(asked.map(({ atMs }) => atMs)).toEqual([0, 5000, 10_000, 12_000]);
  });

  test("reports a single failure and passes", async () => {
    const { seen, lines } = await watch((atMs) => (atMs === 20_000 ? down : ok));
    const reason = "GET /healthz: expected status 200, got status 503: no database";
    expect(seen).toMatchObject({ passed: true, failures: [{ atMs: 20_000, reason }] });
    expect(lines).toEqual([`${url} after 20 s: ${reason}`]);
    expect(watchSummary(seen)).toEqual([
      `✔ ${url} was healthy for 60 s: 1 of 13 checks failed`,
      `  after 20 s: ${reason}`,
    ]);
  });

  test("fails early after three failures in a row", async () => {
    const { seen } = await watch((atMs) => (atMs >= 20_000 ? down : ok));
    expect(seen).toMatchObject({ passed: false, code: "WATCH_FAILING", checks: 7 });
    expect(seen.durationMs).toBe(30_000);
    expect(seen.reason).toBe(
      `${url} failed 3 checks in a row, after 30 s: GET /healthz: expected status 200, got status 503: no database`,
    );
  });

  test("fails at the end when more than one check in ten failed", async () => {
    const { seen } = await watch((atMs) => (atMs % 15_000 === 5000 ? down : ok));
    expect(seen).toMatchObject({ passed: false, code: "WATCH_UNSTABLE", checks: 13 });
    expect(seen.reason).toContain("was unstable in 60 s: 4 of 13 checks failed");
  });

  test("doesn't end with a check that failed", async () => {
    const recovered = await watch((atMs) => (atMs >= 60_000 && atMs < 65_000 ? down : ok));
    expect(recovered.seen).toMatchObject({ passed: true, checks: 14, durationMs: 65_000 });
    const lost = await watch((atMs) => (atMs >= 60_000 ? down : ok));
    expect(lost.seen).toMatchObject({ passed: false, code: "WATCH_FAILING", durationMs: 70_000 });
  });

  test("notices that the old release answers again", async () => {
    const { seen } = await watch(() => ok, { version: versionEndpoint });
    expect(seen.failures).toEqual([
      {
        atMs: 25_000,
        reason: `GET /api/version: expected a JSON object whose "commit_sha" is ${newCommit}, got commit ${oldCommit}`,
      },
    ]);
  });

  test("that is interrupted has not passed", async () => {
    const stop = new AbortController();
    const { seen } = await watch(
      (atMs) => {
        if (atMs === 20_000) stop.abort();
        return ok;
      },
      { signal: stop.signal },
    );
    expect(seen).toMatchObject({ passed: false, code: "INTERRUPTED", checks: 4 });
    expect(seen.reason).toBe(
      `the watch of ${url} was interrupted after 20 s; 0 of 4 checks failed`,
    );
  });

  test("reads logs now and then and at the end, and counts each line of an error once", async () => {
    const log: string[] = ["00:01 started", "00:02 ERROR no stock for 7"];
    let read = 0;
    const { seen } = await watch(() => ok, {
      logs: async () => {
        read += 1;
        log.push(`00:0${2 + read} ERROR token s3cret refused`);
        return log.join("\n");
      },
      scrub: (text) => text.replaceAll("s3cret", "***"),
    });
    // At the beginning, after half a minute, and when it was over.
    expect(read).toBe(3);
    expect(seen.logs).toMatchObject({ read: 3, error: null, errorCount: 4 });
    expect(seen.logs?.errorLines.slice(0, 2)).toEqual([
      "00:02 ERROR no stock for 7",
      "00:03 ERROR token *** refused",
    ]);
    expect(seen.logs?.tail.at(-1)).toBe("00:05 ERROR token *** refused");
    expect(seen.passed).toBe(true);
    expect(watchSummary(seen).slice(1, 3)).toEqual([
      "  4 lines of the logs tell of errors:",
      "    | 00:02 ERROR no stock for 7",
    ]);
  });

  test("goes on when logs can't be read, or never come, and says so", async () => {
    const refused = await watch(() => ok, {
      logs: () => Promise.reject(new Error("401 s3cret")),
      scrub: (text) => text.replaceAll("s3cret", "***"),
    });
    expect(refused.seen).toMatchObject({ passed: true, logs: { read: 0, error: "401 ***" } });
    expect(watchSummary(refused.seen)).toContain("  the logs can't be read: 401 ***");
    const silent = await watch(() => ok, { logs: () => new Promise(() => undefined) });
    expect(silent.seen).toMatchObject({ passed: true, logs: { error: "no logs within 30 s" } });
  });
});

describe("lines that tell of errors", () => {
  test.each([
    "2026-01-02 ERROR: no stock",
    "panic: runtime error: index out of range",
    'level=error msg="refused"',
    '{"level":50,"msg":"refused"}',
    '{"severity":"CRITICAL","message":"x"}',
    "Traceback (most recent call last):",
    "TypeError: cart is undefined",
    "java.lang.IllegalStateException: closed",
    "app[1]: Out of memory: Killed process 7",
    "unhandledRejection at main",
  ])("%s", (line) => {
    expect(errorLines(`started\n${line}\nready`)).toEqual([line]);
  });

  test.each([
    "listening on :8080",
    "GET /errors 200",
    "finished with 0 errors",
    "no error",
    'level=info msg="error budget is full"',
    '{"level":30,"error":null,"msg":"done"}',
    "error=null status=200",
    "terror of the seas",
  ])("not %s", (line) => {
    expect(errorLines(line)).toEqual([]);
  });
});
