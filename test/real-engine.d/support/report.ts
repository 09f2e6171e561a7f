/**
 * Adds up the reports of `test/real-engine`, prints what failed, and writes them down.
 *
 *     report.ts FOLDER VERSION [record]
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "./engine.ts";
import { digestOfModule } from "./moduleDigest.ts";

const vitestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().default(""),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.enum(["passed", "failed", "skipped", "pending", "todo"]),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
});

/** One test, on one engine. */
interface Outcome {
  suite: string;
  test: string;
  outcome: "passed" | "failed" | "skipped";
  /** First line of why it failed; why it can't pass where that is known. */
  reason?: string;
  seconds?: number;
}

const [folder = ".", version = "", record = ""] = process.argv.slice(2);

function outcomes(name: string): Outcome[] {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return [];
  const { testResults } = vitestReport.parse(JSON.parse(readFileSync(file, "utf8")));
  return testResults.flatMap((result) => {
    // In a container, the checkout lies elsewhere.
    const path = result.name.replace(/^.*\/(?=test\/)/, "");
    if (result.assertionResults.length === 0 && result.status === "failed") {
      return [{ suite: name, test: path, outcome: "failed", reason: firstLine(result.message) }];
    }
    return result.assertionResults.map(
      ({ fullName, status, duration, failureMessages }): Outcome => {
        const outcome = status === "passed" || status === "failed" ? status : "skipped";
        const [why] = failureMessages ?? [];
        return {
          suite: name,
          test: `${path} > ${fullName}`,
          outcome,
          ...(why === undefined ? {} : { reason: firstLine(why) }),
          ...(duration == null ? {} : { seconds: Math.round(duration / 100) / 10 }),
        };
      },
    );
  });
}

function firstLine(text: string): string {
  return (text.trim().split("\n", 1)[0] ?? "").slice(0, 300);
}

const real = ["main", "conformance", "inside"].flatMap(outcomes);
const times = new Map(outcomes("embedded").map(({ test, seconds }) => [test, seconds]));
const count = (outcome: Outcome["outcome"]) => real.filter((one) => one.outcome === outcome).length;

for (const { test, outcome, reason } of real) {
  if (outcome === "failed") console.log(`✗ ${test}\n    ${reason ?? ""}`);
}
if (record !== "" && real.length > 0) {
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
  const written = {
    date: new Date().toISOString().slice(0, 10),
    dagger: version,
    commit: git("rev-parse", "HEAD"),
    module: digestOfModule(),
    passed: count("passed"),
    failed: count("failed"),
    skipped: count("skipped"),
    tests: real.map(({ suite, test, outcome, reason, seconds }) => ({
      ...{ suite, test, outcome, reason, seconds },
      ...(suite === "main" ? { embeddedSeconds: times.get(test) } : {}),
    })),
  };
  writeFileSync(
    join(root, "docs/reference/real-engine.json"),
    `${JSON.stringify(written, null, 2)}\n`,
  );
}
console.log(`${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
process.exitCode = count("failed") > 0 || count("passed") === 0 ? 1 : 0;
