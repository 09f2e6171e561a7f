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
