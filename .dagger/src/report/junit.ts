import type { FilesReport, Verification } from "../verify/model.ts";
import { containersOf, type Reported } from "./containers.ts";
import { escapeMarkup as escape } from "./html/markup.ts";

/** The verification as JUnit XML, one test case for each container, or files. */
export function toJUnit(verification: Verification): string {
  const containers = containersOf(verification);
  const count = (state: string) => containers.filter(({ report }) => report.state === state).length;
  const totals = [
    `tests="${containers.length}"`,
    `failures="${count("failed")}"`,
    `errors="0"`,
    `skipped="${count("skipped")}"`,
    `time="${inSeconds(verification.durationMs)}"`,
  ].join(" ");
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="sluice" ${totals}>`,
    `  <testsuite name="smoke verification of ${escape(verification.commit)}" ${totals} timestamp="${escape(verification.startedAt)}">`,
    ...containers.map(testCase),
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}

function testCase(reported: Reported): string {
  const { kind, report } = reported;
  const { name, state, failure, skippedBecause, durations, log } = report;
  const time = (durations.pull ?? 0) + (durations.start ?? 0) + (durations.ready ?? 0);
  const inside: string[] = [];
  if (failure) {
    const text = `expected: ${failure.expected}\ngot: ${failure.found}\n\n${log.lines.join("\n")}`;
    inside.push(
      `      <failure type="${failure.code}" message="${escape(failure.reason)}">${escape(text)}</failure>`,
    );
  }
  if (state === "skipped") {
    inside.push(`      <skipped message="${escape(skippedBecause ?? "not started")}"/>`);
  }
  const printed = reported.kind === "files" ? checksums(reported.report) : log.lines;
  if (printed.length > 0) {
    inside.push(`      <system-out>${escape(printed.join("\n"))}</system-out>`);
  }
  const head = `    <testcase classname="verify.${kind}" name="${escape(name)}" time="${inSeconds(time)}"`;
  return inside.length === 0 ? `${head}/>` : [`${head}>`, ...inside, "    </testcase>"].join("\n");
}

function checksums({ files }: FilesReport): string[] {
  return files.map(({ name, sha256 }) => `${sha256}  ${name}`);
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
