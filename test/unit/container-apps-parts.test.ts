import { describe, expect, it } from "vitest";
import {
  containerOf,
  digestOf,
  repositoryOf,
  withImage,
} from "../../.dagger/src/deploy/container-apps/containers.ts";
import type { App, Traffic } from "../../.dagger/src/deploy/container-apps/model.ts";
import { freeSuffix } from "../../.dagger/src/deploy/container-apps/revision-name.ts";
import {
  pinned,
  servingRevision,
  shifted,
} from "../../.dagger/src/deploy/container-apps/traffic.ts";
import { mergePatch } from "../support/azure/merge.ts";

const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("an image", () => {
  it.each([
    ["ghcr.io/acme/api", "ghcr.io/acme/api", undefined],
    ["ghcr.io/acme/api:1.2", "ghcr.io/acme/api", undefined],
    ["localhost:5000/acme/api", "localhost:5000/acme/api", undefined],
    [`localhost:5000/acme/api:1@${digest}`, "localhost:5000/acme/api", digest],
    [`ghcr.io/acme/api@${digest}`, "ghcr.io/acme/api", digest],
    ["ghcr.io/acme/api@sha256:short", "ghcr.io/acme/api", undefined],
  ])("%s has its repository and digest", (image, repository, expected) => {
    expect([repositoryOf(image), digestOf(image)]).toEqual([repository, expected]);
  });
});

describe("the container of a service", () => {
  const spot = { service: "api", repository: "ghcr.io/acme/api", what: "app shop-api" };
  const container = (name: string, image: string) => ({ name, image });

  it.each([
    [
      "has its repository",
      [container("proxy", "acme/proxy"), container("x", "ghcr.io/acme/api:1")],
      "x",
    ],
    ["is the only one", [container("hello", "mcr.microsoft.com/k8se/quickstart:latest")], "hello"],
    ["is named after it", [container("proxy", "acme/proxy"), container("api", "acme/old")], "api"],
  ])("%s", (_, containers, name) => {
    expect(containerOf(containers, spot).name).toBe(name);
  });

  it("is the only one that changes, in its place", () => {
    const containers = [
      { name: "proxy", image: "acme/proxy", env: [{ name: "A", value: "1" }] },
      {
        name: "api",
        image: "acme/old",
        env: [
          { name: "B", secretRef: "b" },
          { name: "C", value: "" },
        ],
      },
    ];
    const [proxy, api] = containers;
    if (!api) throw new Error("there is no api");
    expect(withImage(containers, api, "new", { C: undefined, D: "4" })).toEqual([
      proxy,
      {
        name: "api",
        image: "new",
        env: [
          { name: "B", secretRef: "b" },
          { name: "D", value: "4" },
        ],
      },
    ]);
    expect(withImage(containers, api, "new", {})).toEqual([proxy, { ...api, image: "new" }]);
  });
});

describe("the name of a revision", () => {
  it("is free, short enough for the longest name of an app, and says the digest", () => {
    const app = "a".repeat(32);
    const names = [`${app}--s0123456789ab`, `${app}--s0123456789ab-2`];
    expect(freeSuffix(app, `x@${digest}`, [])).toBe("s0123456789ab");
    const suffix = freeSuffix(app, `x@${digest}`, names);
    expect(suffix).toBe("s0123456789ab-3");
    expect(`${app}--${suffix}`.length).toBeLessThanOrEqual(54);
  });

  it("is made of the image where that is named by a tag", () => {
    expect(freeSuffix("api", "acme/api:1", [])).toMatch(/^s[0-9a-f]{12}$/);
    expect(freeSuffix("api", "acme/api:1", [])).not.toBe(freeSuffix("api", "acme/api:2", []));
  });
});

describe("the traffic of an app", () => {
  const app = (
    activeRevisionsMode: string,
    traffic: Traffic[],
    ready: string | null = "r2",
  ): App => ({
    ...{ name: "api", location: "North Europe" },
    properties: {
      ...{ latestRevisionName: "r3", latestReadyRevisionName: ready },
      configuration: { activeRevisionsMode, ingress: { traffic } },
      template: { containers: [{ name: "api", image: "x" }] },
    },
  });
  const split = [
    { revisionName: "r1", weight: 80, label: "live" },
    { revisionName: "r2", weight: 20, label: "canary" },
    { revisionName: "r0", weight: 0 },
  ];

  it.each([
    ["the latest that is ready", app("Single", [{ latestRevision: true, weight: 100 }]), "r2"],
    ["none yet", app("Single", [], null), undefined],
    ["the one with the most of it", app("Multiple", split), "r1"],
    ["the latest by its rule", app("multiple", [{ latestRevision: true, weight: 100 }]), "r2"],
  ])("is served by %s", (_, found, name) => {
    expect(servingRevision(found)).toBe(name);
  });

  it("goes to the new revision with the label of what served, other labels stay without any", () => {
    expect(shifted(app("Multiple", split), "r4")).toEqual([
      { revisionName: "r4", weight: 100, label: "live" },
      { revisionName: "r2", weight: 0, label: "canary" },
    ]);
  });

  it("is pinned to what serves where it would follow the latest", () => {
    const follows = app("Multiple", [{ latestRevision: true, weight: 100, label: "live" }]);
    expect(pinned(follows, "r2")).toEqual([{ revisionName: "r2", weight: 100, label: "live" }]);
    expect(pinned(app("Multiple", split), "r1")).toEqual(split);
    expect(pinned(app("Multiple", []), "r1")).toEqual([{ revisionName: "r1", weight: 100 }]);
  });
});

describe("the stand-in's merge patch", () => {
  // The examples of RFC 7386, appendix A.
  it.each([
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])("makes of %j with %j %j", (target, patch, merged) => {
    expect(mergePatch(target, patch)).toEqual(merged);
  });
});
