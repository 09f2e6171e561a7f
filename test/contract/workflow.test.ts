import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { go, made } from "../support/registryTools.ts";

const run = promisify(execFile);
const file = join(import.meta.dirname, "../../ci/github/release.yml");

const step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  if: z.string().optional(),
});
const job = z.object({
  steps: z.array(step),
  concurrency: z.object({ group: z.string(), "cancel-in-progress": z.boolean() }).optional(),
  environment: z.string().optional(),
});
const workflow = z.object({ jobs: z.record(z.string(), job) });

const { jobs } = workflow.parse(parse(await readFile(file, "utf8")));
const steps = Object.values(jobs).flatMap((one) => one.steps);

describe("the workflow for GitHub Actions", () => {
  it("is one that GitHub takes, by actionlint", async () => {
    const actionlint = await made("actionlint", async (work) => {
      await go(["install", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12"], {
        ...{ cwd: work, GOBIN: work },
      });
      return join(work, "actionlint");
    });
    const { stdout } = await run(actionlint, ["-no-color", file]);
    expect(stdout).toBe("");
  }, 300_000);

  it("puts nothing that others write into a script", () => {
    const scripts = steps.flatMap((one) => one.run ?? []);
    expect(scripts.filter((script) => script.includes("${{"))).toEqual([]);
  });

  it("passes only options that there are", async () => {
    const reference = await readFile(
      join(import.meta.dirname, "../../docs/reference/functions.md"),
      "utf8",
    );
    const calls = steps.flatMap(({ run: script = "" }) =>
      script
        .replaceAll("\\\n", " ")
        .split("\n")
        .filter((line) => line.includes("sluice call")),
    );
    expect(calls.length).toBeGreaterThan(6);
    const options = new Set(calls.flatMap((call) => call.match(/--[a-z-]+/g) ?? []));
    const unknown = [...options].filter(
      (option) => option !== "--path" && !reference.includes(`\`${option}\``),
    );
    expect(unknown).toEqual([]);
  });

  it("serialises production, and cancels no run that waits", () => {
    expect(jobs["production"]).toMatchObject({
      concurrency: { group: "production", "cancel-in-progress": false },
      environment: "production",
    });
  });

  it("keeps what each job leaves, also when it fails", () => {
    for (const { steps: all } of Object.values(jobs)) {
      const last = all.at(-1);
      expect(last).toMatchObject({ if: "always()" });
      expect(last?.uses).toMatch(/^actions\/upload-artifact@/);
    }
  });
});
