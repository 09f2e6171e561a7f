import type { Verification } from "../verify/model.ts";
import { containersOf, outcomeOf, shortDigest, type Reported } from "./containers.ts";

/** Log lines that are shown of a container that failed. */
const LOG_LINES = 10;
const signs = { passed: "✔", failed: "✖", skipped: "–" } as const;

/**
 * The verification for a terminal: the verdict, then a line for each container, failures with their
 * last output, and files with their checksums.
 */
export function toSummary(verification: Verification): string {
  const { passed, reason, commit } = verification;
  const containers = containersOf(verification);
  const width = Math.max(0, ...containers.map(({ report }) => report.name.length));
  return [
    `${passed ? "✔ passed" : "✖ failed"}: ${reason}`,
    `  commit ${commit}`,
    ...containers.flatMap((container) => linesOf(container, width)),
    "",
  ].join("\n");
}

function linesOf(container: Reported, width: number): string[] {
  const { kind, report } = container;
  const digest = kind === "dependency" ? "" : `  ${shortDigest(report.digest)}`;
  const head = `  ${signs[report.state]} ${report.name.padEnd(width)}  ${outcomeOf(container)}${digest}`;
  const { failure } = report;
  const files = kind === "files" ? report.files : [];
  const lines = [head, ...files.map(({ name, sha256 }) => `      ${sha256}  ${name}`)];
  if (!failure) return lines;
  return [
    ...lines,
    `      expected  ${failure.expected}`,
    `      got       ${failure.found}`,
    ...report.log.lines.slice(-LOG_LINES).map((line) => `      | ${line}`),
  ];
}
