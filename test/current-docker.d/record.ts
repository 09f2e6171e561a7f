/**
 * Adds up the reports of `test/current-docker`, prints them, and writes them down.
 *
 *     record.ts FOLDER docker|podman [record]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import {
  type EngineRun,
  engineRuns,
  type SuiteRun,
} from "../../scripts/reference/container-engines.ts";

const root = join(import.meta.dirname, "../..");
const file = join(root, "docs/reference/container-engines.json");
const [folder = ".", kind = "docker", record = ""] = process.argv.slice(2);

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
});
const read = (name: string): string => readFileSync(join(folder, name), "utf8");
const date = new Date().toISOString().slice(0, 10);

const suites = read("ran")
  .trim()
  .split("\n")
  .map((line): SuiteRun => {
    const [suite = "", seconds] = line.split(" ");
    const { testResults, ...counted } = report.parse(JSON.parse(read(`${suite}.json`)));
    const failures = testResults.flatMap(({ name, status, assertionResults }) => {
      const path = relative(root, name);
      const failed = assertionResults.filter((test) => test.status === "failed");
      // A file that can't be loaded has no test that could fail.
      if (status === "failed" && failed.length === 0) return [path];
      return failed.map(({ fullName }) => `${path} > ${fullName}`);
    });
    return {
      ...{ suite, date, seconds: Number(seconds), passed: counted.numPassedTests },
      failed: Math.max(counted.numFailedTests, failures.length),
      ...{ skipped: counted.numPendingTests, failures },
    };
  });

const engine = engineRuns.element.omit({ suites: true }).parse(JSON.parse(read("engine.json")));
if (record !== "") {
  const known = engineRuns.parse(JSON.parse(readFileSync(file, "utf8")));
  const before = known.find((one) => one.kind === kind);
  // Suites that were not run now stay as they were, unless that was on another version.
  const others = before?.version === engine.version ? before.suites : [];
  const kept = others.filter(({ suite }) => !suites.some((one) => one.suite === suite));
  const run: EngineRun = { ...engine, suites: [...kept, ...suites] };
  const runs = [...known.filter((one) => one.kind !== kind), run];
  writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
}
const parts = Object.entries(engine).map(([name, value]) => `${name} ${value}`);
console.log(parts.join(", "));
for (const { suite, passed, failed, skipped, seconds, failures } of suites) {
  console.log(`${suite}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${seconds} s`);
  for (const failure of failures) console.log(`  ✗ ${failure}`);
}
const sum = (of: "passed" | "failed" | "skipped") =>
  suites.reduce((total, suite) => total + suite[of], 0);
console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
