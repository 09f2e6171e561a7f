import { describe, expect, it } from "vitest";
import { gatesOf } from "../../.dagger/src/gates/gates-of.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { factsOf } from "../support/gateFacts.ts";

const head = `
version: 1
name: shop
services:
  backend: { port: 8000, probe: { path: /healthz } }
  frontend: { port: 80, probe: { path: / } }
  scraper: { job: {} }
registries: { ghcr: { address: ghcr.io/acme }, dockerhub: { address: docker.io/acme } }
`;

const always = ["not-rejected", "never-backwards", "not-rolled-back"];

describe("the file says how different teams release", () => {
  it.each<[string, string, Record<string, string[]>]>([
    [
      "an umbrella channel over a self-hosted and a cloud one",
      `
compose: { file: compose.release.yaml, channel: prod }
channels:
  main: { gates: { onBranch: main } }
  live: { gates: { onBranch: main } }
  prod: { verifyFrom: dockerhub, after: [main, live], branch: prod }
`,
      {
        main: ["on-branch"],
        live: ["on-branch"],
        prod: ["prerequisites", "fast-forward"],
      },
    ],
    [
      "a protected branch, calendar tags and an operator's approval",
      `
channels:
  live:
    branch: live
    gates: { onBranch: main, release: calendar, checks: true, approvals: 1 }
`,
      { live: ["on-branch", "fast-forward", "release", "checks", "approvals"] },
    ],
    [
      "a gated branch that is only fast-forwarded",
      `
channels:
  production: { branch: production, gates: { onBranch: main } }
  firmware: { gates: { onBranch: production, release: { pattern: "prod-*" } } }
`,
      {
        production: ["on-branch", "fast-forward"],
        firmware: ["on-branch", "release"],
      },
    ],
    [
      "the tag that was tested on staging, with a changelog and a window",
      `
channels:
  staging: { gates: { onBranch: main, release: semver } }
  production:
    after: [staging]
    gates:
      release: semver
      sameReleaseAs: staging
      checks: true
      changelog: true
      window: { days: [mon, tue, wed, thu], from: "09:00", to: "16:00", timezone: Europe/Berlin }
`,
      {
        staging: ["on-branch", "release"],
        production: ["prerequisites", "release", "same-release", "changelog", "checks", "window"],
      },
    ],
    [
      "an accepted candidate, replayed or at the head, with settings from outside",
      `
scopes:
  runtime: ["backend/**", "frontend/**"]
  infra: ["infra/azure/**"]
  identity: ["infra/identity/**"]
channels:
  acceptance: { gates: { onBranch: main } }
  production:
    after: [acceptance]
    gates:
      headOf: main
      referrers: [application/spdx+json]
      settings: [AZURE_TENANT_ID, AZURE_SUBSCRIPTION_ID, ACR_NAME]
`,
      {
        acceptance: ["on-branch"],
        production: ["prerequisites", "stale-head", "referrers", "settings"],
      },
    ],
  ])("%s", (_, text, expected) => {
    const { channels } = parsePipeline(`${head}${text}`, "release.yaml");
    const facts = factsOf({ commit: "c".repeat(40), history: {} as History });
    const named = channels.map((channel) => [
      channel.name,
      gatesOf(channel, facts).map(({ name }) => name),
    ]);
    expect(Object.fromEntries(named)).toEqual(
      Object.fromEntries(
        Object.entries(expected).map(([name, gates]) => [name, [...always, ...gates]]),
      ),
    );
  });
});
