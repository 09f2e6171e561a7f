import { describe, expect, it } from "vitest";
import type { DeploymentData } from "../../.dagger/src/deploy/model.ts";
import { deploymentSchema } from "../../.dagger/src/deploy/model.ts";
import { deploymentSummary } from "../../.dagger/src/deploy/summary.ts";
import { toDeploymentHtml } from "../../.dagger/src/report/html/deployment.ts";

const commit = "a".repeat(40);
const before = "b".repeat(40);
const at = "2026-01-31T12:00:00.000Z";
const request = {
  ...{ path: "/healthz", expected: "status 200", state: "passed" as const },
  ...{ healthyAfterMs: 12, deadlineMs: 60_000, stableForMs: 5_000 },
  attempts: [{ atMs: 0, tookMs: 12, status: 200, error: null }],
};

const deployed: DeploymentData = deploymentSchema.parse({
  ...{ version: 1, kind: "deployment", pipeline: "shop", channel: "prod", target: "live" },
  ...{ environment: "live", commit, release: "v1.2.3", outcome: "succeeded", reason: "" },
  digests: { backend: `sha256:${"1".repeat(64)}`, web: `sha256:${"2".repeat(64)}` },
  ...{ targetRelease: "v42", url: "https://shop.example.com", previousCommit: before },
  ...{ plan: [], takenBack: null, notes: ["2 machines run it"], by: "ann" },
  ...{ startedAt: at, finishedAt: "2026-01-31T12:01:10.000Z" },
  seen: {
    proof: {
      ...{ passed: true, code: null, url: "https://shop.example.com/", startedAt: at },
      ...{ durationMs: 5100, reason: "it serves the commit", probes: [request] },
      version: {
        ...{ ...request, path: "/api/version", expected: `commit ${commit}` },
        ...{ commit, found: commit, fields: { commit_sha: commit }, differences: [] },
      },
    },
    browser: {
      ...{ version: 1, headSha: commit, url: "https://shop.example.com/", passed: true },
      ...{ browser: "HeadlessChrome/148", reason: "1 page looks as expected", startedAt: at },
      durationMs: 1400,
      pages: [
        {
          ...{ path: "/", status: 200, passed: true, reason: "it looks as expected" },
          ...{ screenshot: "screenshots/1-home.png", sha256: "0".repeat(64), tookMs: 1400 },
          ...{ consoleErrors: [], failedRequests: [] },
        },
      ],
    },
    watch: null,
  },
  announcement: {
    event: {
      ...{ version: 1, id: "deployment live 1 deployed", kind: "deployed", pipeline: "shop" },
      ...{ channel: "prod", commit, digests: {}, at, by: "ann", notes: {} },
    },
    sinks: {
      "github-deployments": { outcome: "told", reason: "deployment 7 to live: success" },
      webhook: { outcome: "queued", reason: "it can't be reached" },
      "github-issues": { outcome: "skipped" },
    },
  },
});

const failed: DeploymentData = {
  ...deployed,
  ...{ outcome: "failed", reason: "<b>it lies</b>; it runs bbbbbbbbbbbb again" },
  takenBack: { succeeded: true, reason: "it runs bbbbbbbbbbbb again" },
};

// One pixel.
const png = Buffer.from("iVBORw0KGgo=", "base64");

describe("the page of a deployment", () => {
  const page = toDeploymentHtml(deployed, { "screenshots/1-home.png": png });

  it("shows what was deployed, what its URL said, what a browser saw, and who was told", () => {
    for (const text of [
      "Deployed: live",
      commit,
      "v1.2.3",
      `sha256:${"2".repeat(64)}`,
      "GET /api/version",
      `data:image/png;base64,${png.toString("base64")}`,
      "deployment 7 to live: success",
      "queued",
    ]) {
      expect(page).toContain(text);
    }
    // Who does not care about it is not listed.
    expect(page).not.toContain("github-issues");
  });

  it("needs nothing else: no script, and nothing from elsewhere", () => {
    expect(page).not.toContain("<script");
    expect([...page.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url]) => url)).toEqual([
      "https://shop.example.com",
      `data:image/png;base64,${png.toString("base64")}`,
    ]);
  });

  it("says that it failed and what runs now, whatever the reason is made of", () => {
    const told = toDeploymentHtml(failed, {});
    expect(told).toContain("Deployment failed: live");
    expect(told).toContain("&lt;b&gt;it lies&lt;/b&gt;; it runs bbbbbbbbbbbb again");
  });
});

describe("the summary of a deployment", () => {
  it("has a line for the target, and marks for what was seen and who was told", () => {
    expect(deploymentSummary(deployed).split("\n")).toEqual([
      `✔ live runs v1.2.3 ${commit}`,
      "  backend  111111111111",
      "  web      222222222222",
      "  release v42",
      "  https://shop.example.com",
      "  ✔ it serves the commit",
      "  ✔ page /: it looks as expected",
      "  2 machines run it",
      "  ✔ github-deployments: deployment 7 to live: success",
      "  … webhook: queued: it can't be reached",
      "",
    ]);
  });

  it("begins with why it failed", () => {
    expect(deploymentSummary(failed).split("\n")[0]).toBe(
      "✘ live: <b>it lies</b>; it runs bbbbbbbbbbbb again",
    );
  });

  it("is the plan, where only that was asked for", () => {
    const plan = ["step infra: skipped", "--- webhook", "POST https://example.com/***"];
    expect(deploymentSummary({ ...deployed, outcome: "planned", plan })).toBe(
      `live would run v1.2.3 ${commit}\n${plan.join("\n")}\n`,
    );
  });
});
