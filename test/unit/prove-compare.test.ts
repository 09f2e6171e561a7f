import { expect, test } from "vitest";
import { comparisonSchema } from "../../.dagger/src/prove/compare-model.ts";
import { comparisonSummary } from "../../.dagger/src/prove/compare-summary.ts";
import { compareVersions, type ComparedPlace } from "../../.dagger/src/prove/compare.ts";
import type { Answer, Get } from "../../.dagger/src/verify/probe/http.ts";
import { newCommit, oldCommit, versionEndpoint, versionOf } from "../support/publicSite.ts";
import { virtualClock } from "../support/virtualClock.ts";

const staging: ComparedPlace = {
  place: "staging/2",
  url: "https://staging.example.com",
  version: versionEndpoint,
};
const live: ComparedPlace = {
  place: "live",
  url: "https://shop.example.com",
  version: versionEndpoint,
};

/** Compares two places that answer as given. */
async function compare(answers: Record<string, Answer | Error>, places = [staging, live]) {
  const get: Get = async ({ hostname }) => {
    const answer = answers[hostname] ?? new Error("no such host");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const comparison = await compareVersions(places, {
    get,
    clock: virtualClock(),
    scrub: (text) => text.replaceAll("s3cret", "***"),
  });
  expect(comparisonSchema.parse(JSON.parse(JSON.stringify(comparison)))).toEqual(comparison);
  return comparison;
}

test("places that serve the same commit are the same, whatever else differs", async () => {
  const comparison = await compare({
    "staging.example.com": versionOf(newCommit.slice(0, 12), {
      environment: "staging",
      slot: 2,
      branch: "main",
      deployed_at: "2026-01-02T03:04:05Z",
    }),
    "shop.example.com": versionOf(newCommit, {
      environment: "live",
      branch: "main",
      deployed_at: "2026-01-02T03:05:00Z",
      node: "24",
    }),
  });
  expect(comparison.sameCommit).toBe(true);
  expect(comparison.rows).toEqual([
    { name: "environment", values: ["staging", "live"], differs: true },
    { name: "slot", values: ["2", null], differs: true },
    { name: "branch", values: ["main", "main"], differs: false },
    { name: "commit_sha", values: [newCommit.slice(0, 12), newCommit], differs: false },
    {
      name: "deployed_at",
      values: ["2026-01-02T03:04:05Z", "2026-01-02T03:05:00Z"],
      differs: true,
    },
    { name: "node", values: [null, "24"], differs: true },
  ]);
  expect(comparisonSummary(comparison)).toBe(
    [
      `= staging/2, live serve commit ${newCommit.slice(0, 12)}`,
      "                  staging/2             live",
      "  ≠  environment  staging               live",
      "  ≠  slot         2                     –",
      "  =  branch       main                  main",
      `  =  commit_sha   ${newCommit.slice(0, 12)}          ${newCommit}`,
      "  ≠  deployed_at  2026-01-02T03:04:05Z  2026-01-02T03:05:00Z",
      "  ≠  node         –                     24",
      "",
    ].join("\n"),
  );
});

test("places that serve different commits differ: both are named", async () => {
  const comparison = await compare({
    "staging.example.com": versionOf(newCommit),
    "shop.example.com": versionOf(oldCommit),
  });
  expect(comparison.sameCommit).toBe(false);
  expect(comparison.reason).toBe(
    `the commits differ: staging/2 serves ${newCommit}, live serves ${oldCommit}`,
  );
  expect(comparison.rows[0]).toMatchObject({ name: "commit_sha", differs: true });
});

test.each<[string, Answer | Error, string]>([
  ["can't be reached", new Error("s3cret unreachable"), "GET /api/version: *** unreachable"],
  [
    "answers a page",
    { status: 200, body: "<html>Shop" },
    "GET /api/version: a page instead of a JSON object: <html>Shop",
  ],
  ["fails", { status: 502, body: "bad gateway" }, "GET /api/version: status 502: bad gateway"],
  [
    "says no commit",
    { status: 200, body: '{"environment":"live"}' },
    'GET /api/version: no key "commit_sha"',
  ],
])("a place that %s is a row of its own", async (_, answer, error) => {
  const comparison = await compare({
    "staging.example.com": versionOf(newCommit),
    "shop.example.com": answer,
  });
  expect(comparison).toMatchObject({ sameCommit: false, reason: "live did not say what it runs" });
  expect(comparison.places[1]).toMatchObject({ place: "live", commit: null, error });
  expect(comparisonSummary(comparison)).toContain(`✖ live: ${error}`);
});

test("what each place calls its commit is one row", async () => {
  const comparison = await compare(
    {
      "staging.example.com": versionOf(newCommit),
      "shop.example.com": { status: 200, body: JSON.stringify({ sha: newCommit }) },
    },
    [staging, { ...live, version: { path: "/about", commit: "sha" } }],
  );
  expect(comparison.sameCommit).toBe(true);
  expect(comparison.rows).toEqual([
    { name: "commit_sha", values: [newCommit, newCommit], differs: false },
  ]);
});
