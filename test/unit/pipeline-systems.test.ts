import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { gatesOf } from "../../.dagger/src/gates/gates-of.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { factsOf } from "../support/gateFacts.ts";

const folder = join(import.meta.dirname, "../../pipelines");
const always = ["not-rejected", "never-backwards", "not-rolled-back"];

/** What each channel of each file in pipelines/ demands, besides what all channels do. */
const demanded: Record<string, Record<string, string[]>> = {
  "gated-branch.yaml": {
    production: ["on-branch", "fast-forward"],
    tagged: ["prerequisites", "on-branch", "release"],
  },
  "protected-live.yaml": {
    live: ["on-branch", "fast-forward", "release", "checks", "approvals"],
  },
  "same-tag.yaml": {
    staging: ["on-branch", "release"],
    production: ["prerequisites", "release", "same-release", "changelog", "checks", "window"],
  },
  "staged-production.yaml": {
    acceptance: ["on-branch"],
    production: ["prerequisites", "stale-head", "settings"],
  },
  "umbrella-channel.yaml": {
    main: ["on-branch"],
    live: ["on-branch", "release"],
    prod: ["prerequisites", "fast-forward"],
  },
};

it("every pipeline file here is known", async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".yaml"));
  expect(files.sort()).toEqual(Object.keys(demanded));
});

it.each(Object.entries(demanded))("%s says how its team releases", async (file, expected) => {
  const { channels } = parsePipeline(await readFile(join(folder, file), "utf8"), file);
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

/** Where each file deploys to, and whom it tells. */
const deployed: Record<string, { targets: Record<string, string>; told: string[] }> = {
  "gated-branch.yaml": { targets: { host: "compose" }, told: ["releases"] },
  "protected-live.yaml": {
    targets: { fly: "fly" },
    told: ["deployments", "issues", "discussions: live"],
  },
  "same-tag.yaml": {
    targets: { staging: "compose", production: "compose" },
    told: ["deployments", "releases", "markdown"],
  },
  "staged-production.yaml": {
    targets: { azure: "containerApps" },
    told: ["deployments", "issues"],
  },
  "umbrella-channel.yaml": {
    targets: { cloud: "fly" },
    told: ["issues", "discussions: deployments"],
  },
};

it.each(Object.entries(deployed))(
  "%s says where its team deploys, and who is told",
  async (file, expected) => {
    const { targets, announcements } = parsePipeline(
      await readFile(join(folder, file), "utf8"),
      file,
    );
    const platforms = targets.map(({ name, platform }) => [name, platform.kind]);
    expect(Object.fromEntries(platforms)).toEqual(expected.targets);
    const { github, markdown } = announcements;
    expect([
      ...(github?.deployments ? ["deployments"] : []),
      ...(github?.issues ? ["issues"] : []),
      ...(github?.releases ? ["releases"] : []),
      ...(github?.discussions ?? []).map(({ name }) => `discussions: ${name}`),
      ...(markdown === undefined ? [] : ["markdown"]),
    ]).toEqual(expected.told);
  },
);

it("no pipeline file has a value of an organisation in its targets", async () => {
  for (const file of Object.keys(deployed)) {
    const { targets } = parsePipeline(await readFile(join(folder, file), "utf8"), file);
    for (const { url, platform } of targets) {
      expect(url).toHaveProperty("setting");
      if (platform.kind === "fly") expect(platform.app).toHaveProperty("setting");
      if (platform.kind === "compose") expect(platform.host).toHaveProperty("setting");
      if (platform.kind === "containerApps") {
        for (const name of Object.values(platform.apps)) expect(name).toHaveProperty("setting");
      }
    }
  }
});
