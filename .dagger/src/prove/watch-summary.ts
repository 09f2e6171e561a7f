import { seconds } from "../verify/seconds.ts";
import type { Watch } from "./watch-model.ts";

/** Failures and log lines that are shown. */
const SHOWN = 5;

/** The watch for a terminal: the verdict, then failures and errors in logs, the first of each. */
export function watchSummary({ passed, reason, failures, logs }: Watch): string[] {
  return [
    `${passed ? "✔" : "✖"} ${reason}`,
    ...failures.slice(0, SHOWN).map((one) => `  after ${seconds(one.atMs)}: ${one.reason}`),
    ...more(failures.length),
    ...(logs === null ? [] : logLines(logs)),
  ];
}

function logLines({ error, errorLines, errorCount }: NonNullable<Watch["logs"]>): string[] {
  const lines = errorCount === 1 ? "1 line" : `${errorCount} lines`;
  return [
    ...(error === null ? [] : [`  the logs can't be read: ${error}`]),
    ...(errorCount === 0 ? [] : [`  ${lines} of the logs tell of errors:`]),
    ...errorLines.slice(0, SHOWN).map((line) => `    | ${line}`),
    ...more(errorCount).map((line) => `  ${line}`),
  ];
}

function more(count: number): string[] {
  return count > SHOWN ? [`  and ${count - SHOWN} more`] : [];
}
