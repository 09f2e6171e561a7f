import { describe, expect, test } from "vitest";
import { publicUrl } from "../../.dagger/src/prove/address.ts";
import { proofSchema } from "../../.dagger/src/prove/proof.ts";
import { proveUrl, type ProveOptions } from "../../.dagger/src/prove/url.ts";
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

/** Proves a site that answers as given; no real time passes. */
async function prove(
  answers: Readonly<Record<string, (atMs: number) => Answer>>,
  own: Partial<ProveOptions> = {},
) {
  const clock = virtualClock();
  const { get, asked } = site(clock, answers);
  const lines: string[] = [];
  const proof = await proveUrl({
    url,
    probes: [healthProbe()],
    version: versionEndpoint,
    expected: { commit: newCommit },
    clock,
    get,
    onProgress: (line) => lines.push(line),
    ...own,
  });
  expect(proofSchema.parse(JSON.parse(JSON.stringify(proof)))).toEqual(proof);
  return { proof, asked, lines };
}

describe("a public URL is proven", () => {
  test("when health and version answer as expected, and go on doing so", async () => {
    const { proof, asked } = await prove({
      "/healthz": () => ok,
      "/api/version": () => versionOf(newCommit, { environment: "live", deployed_at: "today" }),
    });
    expect(proof).toMatchObject({ passed: true, code: null });
    expect(proof.reason).toBe(
      `${url} serves commit ${newCommit} (GET /healthz, GET /api/version), stable for 5 s`,
    );
    expect(proof.version).toMatchObject({
      state: "passed",
      commit: newCommit,
      found: newCommit,
      fields: { commit_sha: newCommit, environment: "live", deployed_at: "today" },
    });
    expect(proof.durationMs).toBe(5000);
    expect(asked.filter(({ path }) => path === "/healthz").map(({ atMs }) => atMs)).toEqual([
      0, 1000, 2000, 3000, 4000, 5000,
    ]);
  });

  test("when the version is given by the first seven digits", async () => {
    const { proof } = await prove({
      "/healthz": () => ok,
      "/api/version": () => versionOf(newCommit.slice(0, 7).toUpperCase()),
    });
    expect(proof.passed).toBe(true);
  });

  test("when the old release answers for a while, and health is proven again after that", async () => {
    const { proof, asked, lines } = await prove({
      "/healthz": () => ok,
      "/api/version": (atMs) => versionOf(atMs < 30_000 ? oldCommit : newCommit),
    });
    expect(proof.passed).toBe(true);
    expect(proof.version?.healthyAfterMs).toBeGreaterThanOrEqual(30_000);
    expect(asked.some(({ path, atMs }) => path === "/healthz" && atMs > 30_000)).toBe(true);
    expect(lines.filter((line) => line.includes("/api/version"))).toEqual([
      `GET /api/version: commit ${oldCommit}, after 0 ms`,
      expect.stringMatching(/^GET \/api\/version: as expected, after 3[01] s$/),
    ]);
  });

  test("when it has no version, by its probes alone; without any, by its first page", async () => {
    const { proof } = await prove({ "/healthz": () => ok }, { version: undefined });
    expect(proof).toMatchObject({ passed: true, version: null });
    const bare = await prove({ "/": () => ok }, { version: undefined, probes: [] });
    expect(bare.proof.reason).toBe(`${url} answers as expected (GET /), stable for 5 s`);
    const none = await prove({}, { version: undefined, probes: [] });
    expect(none.proof).toMatchObject({ passed: false, code: "PROBE_STATUS" });
  });

  test("when its plain HTTP leads to its HTTPS", async () => {
    const clock = virtualClock();
    const lead = (to: string): Answer => ({ status: 301, location: to, body: "" });
    const ask = (secure: string) =>
      proveUrl({
        url: "http://shop.example.com",
        probes: [healthProbe()],
        version: undefined,
        expected: { commit: newCommit },
        clock,
        get: async ({ protocol }) => (protocol === "http:" ? lead(secure) : ok),
      });
    expect((await ask("https://shop.example.com/healthz")).passed).toBe(true);
    expect((await ask("https://login.example.com/healthz")).code).toBe("PROBE_REDIRECT");
    expect((await ask("https://shop.example.com:8443/healthz")).code).toBe("PROBE_REDIRECT");
  });

  test("below the path that its URL has", async () => {
    const { proof } = await prove(
      { "/shop/healthz": () => ok, "/shop/api/version": () => versionOf(newCommit) },
      { url: "https://example.com/shop/" },
    );
    expect(proof.passed).toBe(true);
  });

  test("whatever else the version says, which is told", async () => {
    const { proof } = await prove(
      {
        "/healthz": () => ok,
        "/api/version": () => versionOf(newCommit, { environment: "staging", release: "v1.0.0" }),
      },
      { expected: { commit: newCommit, environment: "live", release: "v1.0.0" } },
    );
    expect(proof.passed).toBe(true);
    expect(proof.version?.differences).toEqual(['environment is "staging", expected "live"']);
  });
});

describe("a public URL is not proven", () => {
  test("when the old release never goes: both commits are named", async () => {
    const { proof } = await prove({
      "/healthz": () => ok,
      "/api/version": () => versionOf(oldCommit),
    });
    expect(proof).toMatchObject({ passed: false, code: "VERSION_MISMATCH" });
    expect(proof.reason).toBe(
      `${url} serves commit ${oldCommit}, expected ${newCommit}, still after 120 s (GET /api/version)`,
    );
    expect(proof.version).toMatchObject({ state: "failed", found: oldCommit });
    expect(proof.probes[0]).toMatchObject({ state: "cut", healthyAfterMs: 0 });
    expect(proof.durationMs).toBeLessThanOrEqual(120_000);
  });

  test("when the old release answers again", async () => {
    const { proof } = await prove({
      "/healthz": () => ok,
      "/api/version": (atMs) => versionOf(atMs >= 2000 && atMs < 3000 ? oldCommit : newCommit),
    });
    expect(proof).toMatchObject({ passed: false, code: "VERSION_MISMATCH" });
    expect(proof.reason).toContain(`${oldCommit}, expected ${newCommit}, again, after it had`);
    expect(proof.durationMs).toBe(2000);
  });

  test("when health flaps", async () => {
    const { proof } = await prove({
      "/healthz": (atMs) => (atMs === 3000 ? down : ok),
      "/api/version": () => versionOf(newCommit),
    });
    expect(proof).toMatchObject({ passed: false, code: "PROBE_UNSTABLE" });
    expect(proof.reason).toBe(
      `GET /healthz of ${url}: expected status 200 for 5 s, got status 503: no database after it was healthy`,
    );
    expect(proof.version?.state).toBe("cut");
  });

  test("when health was good only while the old release answered", async () => {
    const { proof } = await prove({
      "/healthz": (atMs) => (atMs < 20_000 ? ok : down),
      "/api/version": (atMs) => versionOf(atMs < 20_000 ? oldCommit : newCommit),
    });
    expect(proof).toMatchObject({ passed: false, code: "PROBE_UNSTABLE" });
  });

  test("by a stable answer of no time, when it is not asked again", async () => {
    const { proof, asked } = await prove(
      {
        "/healthz": (atMs) => (atMs < 20_000 ? ok : down),
        "/api/version": (atMs) => versionOf(atMs < 20_000 ? oldCommit : newCommit),
      },
      { probes: [healthProbe({ stableForMs: 0 })] },
    );
    expect(proof.passed).toBe(false);
    expect(asked.filter(({ path }) => path === "/healthz")).toHaveLength(2);
  });

  test("when health never comes: what the version said is told, too", async () => {
    const { proof } = await prove(
      { "/healthz": () => down, "/api/version": () => versionOf(oldCommit) },
      { probes: [healthProbe({ deadlineMs: 10_000 }), healthProbe({ deadlineMs: 30_000 })] },
    );
    expect(proof).toMatchObject({ passed: false, code: "PROBE_STATUS" });
    expect(proof.reason).toBe(
      `GET /healthz of ${url}: expected status 200 within 10 s, got status 503: no database; ` +
        `GET /healthz had status 503: no database; GET /api/version had commit ${oldCommit}`,
    );
  });

  test.each<[string, string, string]>([
    [
      "a page",
      "<!doctype html><title>Shop</title>",
      "a page instead of a JSON object: <!doctype html>",
    ],
    ["no JSON", "v1.2.3", "what is no JSON: v1.2.3"],
    ["nothing", " ", "an empty body instead of a JSON object"],
    ["a list", "[1]", "JSON that is no object: [1]"],
    ["other keys", '{"sha":"abc","slot":2}', 'no key "commit_sha" (there are sha, slot)'],
    ["no keys", "{}", 'no key "commit_sha" (there are none)'],
    [
      "too much",
      `{"commit_sha":"${"x".repeat(70_000)}`,
      "more than 64 KiB instead of a small JSON",
    ],
  ])("when its version endpoint answers %s", async (_, body, said) => {
    const { proof } = await prove({
      "/healthz": () => ok,
      "/api/version": () => ({ status: 200, body }),
    });
    expect(proof).toMatchObject({ passed: false, code: "VERSION_UNREADABLE" });
    expect(proof.reason).toContain(said);
    expect(proof.version?.found).toBeNull();
  });

  test.each(["2a2a2a", `${newCommit.slice(0, 12)}-dirty`, `${newCommit}00`, ""])(
    "by a commit %j, which is not the expected one",
    async (commit) => {
      const { proof } = await prove({
        "/healthz": () => ok,
        "/api/version": () => versionOf(commit),
      });
      expect(proof.passed).toBe(false);
    },
  );

  test("when it is interrupted", async () => {
    const stop = new AbortController();
    const { proof } = await prove(
      {
        "/healthz": () => ok,
        "/api/version": (atMs) => {
          if (atMs > 5000) stop.abort();
          return versionOf(oldCommit);
        },
      },
      { signal: stop.signal },
    );
    expect(proof).toMatchObject({ passed: false, code: "INTERRUPTED" });
    expect(proof.reason).toBe(`the proof of ${url} was interrupted`);
  });

  test("and what answers is told without its secrets", async () => {
    const { proof, lines } = await prove(
      {
        "/healthz": () => ({ status: 500, body: "token s3cret" }),
        "/api/version": () => versionOf(newCommit, { key: "s3cret" }),
      },
      { scrub: (text) => text.replaceAll("s3cret", "***") },
    );
    expect(JSON.stringify({ proof, lines })).not.toContain("s3cret");
    expect(proof.version?.fields.key).toBe("***");
  });
});

describe("the URL of a target", () => {
  test.each([
    ["ftp://shop.example.com", /starts with http/],
    ["shop.example.com", /starts with http/],
    ["https://shop.example.com/?a=1", /a query or a fragment/],
    ["ann:pass-word@shop.example.com", /is another address, expected/],
    ["https://ann:pass-word@shop.example.com/", /has credentials, expected none/],
  ])("%s is refused", (text, reason) => {
    expect(() => publicUrl(text)).toThrow(reason);
    expect(() => publicUrl(text)).toThrow(/\[TARGET_URL_INVALID\]/);
    expect(() => publicUrl(text)).not.toThrow(/pass-word/);
  });
});
