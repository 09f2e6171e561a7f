import { describe, expect, it } from "vitest";
import { evidenceManifest } from "../../.dagger/src/artifacts/evidence.ts";
import { artifactFiles } from "../../.dagger/src/artifacts/files.ts";
import { schemaFiles } from "../../.dagger/src/artifacts/schema-files.ts";
import { deploymentRecord, productionResult } from "../../.dagger/src/artifacts/production.ts";
import { camelCase } from "../../.dagger/src/artifacts/refs.ts";
import { isDeployment } from "../../.dagger/src/deploy/target-state.ts";
import type { ChangeRecord, Entry, LedgerRecord } from "../../.dagger/src/ledger/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const names = parsePipeline(
  `
version: 1
name: shop
services:
  api: { port: 8080, probe: { path: /healthz } }
  web-app: { port: 8081, probe: { path: / } }
registries:
  acr: { address: acme.azurecr.io/shop }
  hub: { address: docker.io/acme }
channels: { production: { tag: production } }
`,
  "release.yaml",
);

const commit = "a".repeat(40);
const earlier = "b".repeat(40);
const digest = (of: string) => `sha256:${of.repeat(64)}`;
const digests = { api: digest("1"), "web-app": digest("2") };
const now = new Date("2026-11-21T12:00:00.000Z");
const at = (minute: number) => `2026-11-21T10:0${minute}:00.000Z`;
const common = { version: 1, pipeline: "shop", by: "ci" } as const;

function newestFirst(records: LedgerRecord[]): Entry[] {
  return records
    .map((record, index) => ({
      ...{ stream: "any", sequence: index + 1, digest: digest("0"), previous: null, record },
    }))
    .toReversed();
}

function files(ofCommit: LedgerRecord[], ofChannel: LedgerRecord[] = []): Record<string, unknown> {
  const made = artifactFiles({
    ...{ names, commit, now },
    ofCommit: newestFirst(ofCommit),
    ofChannel: newestFirst(ofChannel),
    ofTargets: newestFirst(ofChannel).filter(isDeployment),
  });
  return Object.fromEntries(
    Object.entries(made).map(([path, text]) => [path, JSON.parse(text) as unknown]),
  );
}

const candidate: LedgerRecord = {
  ...{ ...common, kind: "candidate", at: at(0), commit, digests },
  scope: { runtime: true, infra: false },
};
const verification = (passed: boolean, of: Record<string, string> = digests): LedgerRecord => ({
  ...{ ...common, kind: "verification", at: at(1), commit, digests: of, registry: "acr", passed },
  ...{ reason: "", durationMs: 1 },
});
const rejection: LedgerRecord = { ...common, kind: "rejection", at: at(2), commit, reason: "no" };

describe("the evidence of a candidate", () => {
  const path = `.artifacts/acceptance/${commit}/evidence-manifest.json`;

  it("names its commit, scope, images by digest, and checks", () => {
    const all = files([candidate, verification(true)]);
    expect(all).toEqual({
      [path]: {
        version: 1,
        headSha: commit,
        kind: "runtime",
        scope: { runtime: true, infra: false },
        candidate: {
          apiRef: `acme.azurecr.io/shop/api@${digest("1")}`,
          webAppRef: `acme.azurecr.io/shop/web-app@${digest("2")}`,
          refs: {
            acr: {
              api: `acme.azurecr.io/shop/api@${digest("1")}`,
              "web-app": `acme.azurecr.io/shop/web-app@${digest("2")}`,
            },
            hub: {
              api: `docker.io/acme/api@${digest("1")}`,
              "web-app": `docker.io/acme/web-app@${digest("2")}`,
            },
          },
        },
        checks: { acceptanceStageGate: "success", smokeVerify: "success" },
        generatedAt: "2026-11-21T12:00:00.000Z",
      },
    });
    expect(evidenceManifest.parse(all[path])).toEqual(all[path]);
  });

  it.each([
    ["nothing was verified", [], "pending", "pending"],
    ["it failed", [verification(false)], "failure", "failure"],
    ["it failed, then passed", [verification(false), verification(true)], "success", "success"],
    ["it passed, then failed", [verification(true), verification(false)], "failure", "failure"],
    ["it passed, and was rejected", [verification(true), rejection], "failure", "success"],
    [
      "other images passed",
      [verification(true, { ...digests, api: digest("9") })],
      "pending",
      "pending",
    ],
    ["a part of it passed", [verification(true, { api: digest("1") })], "pending", "pending"],
  ])("says so when %s", (_, records, acceptanceStageGate, smokeVerify) => {
    expect(files([candidate, ...records])[path]).toMatchObject({
      checks: { acceptanceStageGate, smokeVerify },
    });
  });

  it("is not there for a commit that became nothing", () => {
    expect(files([rejection])).toEqual({});
  });
});

describe("the record of a promotion", () => {
  const folder = `.artifacts/production/${commit}`;
  const move = {
    ...{ service: "api", registry: "acr", ref: "acme.azurecr.io/shop/api:production" },
    ...{ from: digest("8"), to: digest("1") },
  };
  const change = (
    state: ChangeRecord["state"],
    minute: number,
    more: Partial<ChangeRecord> = {},
  ): LedgerRecord => ({
    ...{ ...common, kind: "promotion", at: at(minute), channel: "production", tag: "production" },
    ...{ commit, release: "v1.2.0", state, moves: [move], blocked: [] },
    holds: { commit, digests },
    held: { commit: earlier, digests },
    gates: [{ gate: "fast-forward", outcome: "pass", why: "it is", evidence: {} }],
    ...(more as object),
  });
  const deployment = (
    outcome: "succeeded" | "failed",
    minute: number,
    of = commit,
  ): LedgerRecord => ({
    ...{ ...common, kind: "deployment", at: at(minute), channel: "production", target: "fly" },
    ...{ environment: "production", cause: "deployment", commit: of, digests, outcome },
    ...{ targetRelease: "42", reason: outcome, holds: null, held: null, blocked: [] },
  });

  it("tells what moved, what was deployed, and how it ended", () => {
    const all = files(
      [],
      [change("started", 3), change("finished", 4), deployment("succeeded", 5)],
    );
    const about = {
      ...{ version: 1, headSha: commit, kind: "promotion", channel: "production" },
      ...{ release: "v1.2.0", finishedAt: at(4) },
    };
    expect(all).toEqual({
      [`${folder}/deployment-record.json`]: {
        ...about,
        ...{ tag: "production", by: "ci", startedAt: at(3), previousSha: earlier },
        candidate: {
          apiRef: `acme.azurecr.io/shop/api@${digest("1")}`,
          refs: {
            acr: { api: `acme.azurecr.io/shop/api@${digest("1")}` },
            hub: { api: `docker.io/acme/api@${digest("1")}` },
          },
        },
        moves: [move],
        gates: [{ gate: "fast-forward", outcome: "pass", why: "it is", evidence: {} }],
        deployments: [
          {
            ...{ target: "fly", cause: "deployment", outcome: "succeeded", targetRelease: "42" },
            ...{ reason: "succeeded", at: at(5) },
          },
        ],
      },
      [`${folder}/result.json`]: {
        ...about,
        ...{ result: "success", reason: "every tag moved, and fly deployed" },
      },
    });
    deploymentRecord.parse(all[`${folder}/deployment-record.json`]);
    productionResult.parse(all[`${folder}/result.json`]);
  });

  it.each([
    ["has no end", [change("started", 3)], "pending", null],
    ["was undone", [change("started", 3), change("undone", 4)], "failure", at(4)],
    ["has a failed deployment", [change("finished", 4), deployment("failed", 5)], "failure", at(4)],
    [
      "was deployed in a second try",
      [change("finished", 4), deployment("failed", 5), deployment("succeeded", 6)],
      "success",
      at(4),
    ],
    [
      "was followed by another's",
      [change("finished", 4), deployment("failed", 5, earlier)],
      "success",
      at(4),
    ],
    [
      "came back by a rollback",
      [change("finished", 4), change("finished", 5, { kind: "rollback" })],
      "success",
      at(5),
    ],
  ])("says so when it %s", (_, records, result, finishedAt) => {
    expect(files([], records)[`${folder}/result.json`]).toMatchObject({ result, finishedAt });
  });

  it("is not there for a commit that was never promoted", () => {
    expect(files([], [change("finished", 4, { commit: earlier })])).toEqual({});
  });
});

it("no two services share a name in camel case", () => {
  const services = ["web", "web-api", "web--api", "webapi", "a-1", "a1", "a--1", "a-1-b", "a1-b"];
  const made = services.map(camelCase);
  expect(made).toEqual(["web", "webApi", "web_Api", "webapi", "a_1", "a1", "a__1", "a_1B", "a1B"]);
});

it("there is a JSON Schema for everything that others may read", () => {
  const schemas = Object.entries(schemaFiles()).map(
    ([name, text]) => [name, JSON.parse(text) as Record<string, unknown>] as const,
  );
  expect(schemas.map(([name]) => name)).toContain("ledger-record.schema.json");
  for (const [, schema] of schemas) {
    expect(schema).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
  }
  expect(Object.fromEntries(schemas)["evidence-manifest.schema.json"]).toMatchObject({
    required: ["version", "headSha", "kind", "scope", "candidate", "checks", "generatedAt"],
  });
});
