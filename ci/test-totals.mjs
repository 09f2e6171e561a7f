/**
 * Adds up vitest's JSON reports in a directory: names what failed, and why, then prints `N passed, N
 * failed[, N skipped]`. Exits 1 when something failed, or when nothing ran.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

const [directory = "."] = process.argv.slice(2);
let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of readdirSync(directory).filter((name) => name.endsWith(".json"))) {
  const report = JSON.parse(readFileSync(join(directory, file), "utf8"));
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  skipped += report.numPendingTests + report.numTodoTests;
  // A file that can't be loaded has no test that could fail.
  failed += report.testResults.filter(isBroken).length;
  for (const line of report.testResults.flatMap(failuresOf)) console.log(line);
}

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

function isBroken({ status, assertionResults }) {
  return status === "failed" && !assertionResults.some((test) => test.status === "failed");
}

function failuresOf({ name, status, message, assertionResults }) {
  const path = relative(process.cwd(), name);
  const failures = assertionResults
    .filter((test) => test.status === "failed")
    .map((test) => `✗ ${path} > ${test.fullName}\n${indented(test.failureMessages.join("\n"))}`);
  return isBroken({ status, assertionResults }) ? [`✗ ${path}\n${indented(message)}`] : failures;
}

function indented(text) {
  const lines = text.trim().split("\n").slice(0, 12);
  return lines.map((line) => `    ${line}`).join("\n");
}
