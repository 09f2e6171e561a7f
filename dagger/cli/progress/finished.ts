import type { Colors } from "picocolors/types.js";
import { formatDuration } from "../duration.ts";
import type { RunningTask, TaskEnd } from "./tasks.ts";
import type { Verbosity } from "./view.ts";

/** Tasks shorter than this are noise to most readers, in milliseconds. */
const worthShowing = 100;
const failureLines = 20;

/** The lines that tell of a finished task; none when it is not worth telling. */
export function finishedLines(
  end: TaskEnd,
  task: RunningTask | undefined,
  colors: Colors,
  verbosity: Verbosity,
): string[] {
  const time = colors.dim(end.cached ? "cached" : formatDuration(end.ms));
  if (end.error !== undefined) {
    const reason = end.error.split("\n")[0] ?? "";
    const log = verbosity === "verbose" ? [] : (task?.log.slice(-failureLines) ?? []);
    return [
      `${colors.red("✘")} ${end.name} ${time} ${colors.red(reason)}`,
      ...log.map((line) => `  ${colors.dim("│")} ${line}`),
    ];
  }
  if (verbosity === "quiet") return [];
  if (end.ms < worthShowing && verbosity !== "verbose") return [];
  return [`${colors.green("✔")} ${end.name} ${time}`];
}
