import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const suiteRun = z.object({
  suite: z.string(),
  date: z.string(),
  seconds: z.number(),
  passed: z.number(),
  failed: z.number(),
  skipped: z.number(),
  /** Names of the tests that failed. */
  failures: z.array(z.string()),
});
/** One suite of a run of `test/current-docker`. */
export type SuiteRun = z.infer<typeof suiteRun>;

/** What is in docs/reference/container-engines.json. */
export const engineRuns = z.array(
  z.object({
    kind: z.string(),
    version: z.string(),
    api: z.string(),
    containerd: z.string().optional(),
    /** Name and version of what runs containers, such as runc. */
    runtime: z.string().optional(),
    suites: z.array(suiteRun),
  }),
);
export type EngineRun = z.infer<typeof engineRuns>[number];

const BEGIN = "<!-- Written by `npm run reference` from docs/reference/container-engines.json. -->";
const END = "<!-- End of the container engines. -->";

/** A page whose table of container engines is made anew. */
export async function containerEnginesReference(root: string, page: string): Promise<string> {
  const json = await readFile(join(root, "docs/reference/container-engines.json"), "utf8");
  const [before, rest] = [page.split(BEGIN)[0] ?? "", page.split(END)[1] ?? ""];
  return `${before}${BEGIN}\n\n${table(engineRuns.parse(JSON.parse(json)))}\n\n${END}${rest}`;
}

function table(runs: readonly EngineRun[]): string {
  return [
    "| engine | suite | date | passed | failed | skipped | seconds |",
    "| --- | --- | --- | --- | --- | --- | --- |",
    ...runs.flatMap((run) =>
      run.suites.map(({ suite, date, passed, failed, skipped, seconds }) =>
        ["", nameOf(run), suite, date, passed, failed, skipped, seconds, ""].join(" | ").trim(),
      ),
    ),
  ].join("\n");
}

function nameOf({ kind, version, api, containerd, runtime }: EngineRun): string {
  const parts = [
    `API ${api}`,
    ...(containerd ? [`containerd ${containerd}`] : []),
    ...(runtime ? [runtime] : []),
  ];
  return `${kind === "docker" ? "Docker" : "Podman"} ${version} (${parts.join(", ")})`;
}
