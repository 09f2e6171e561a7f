import type { ProgressEvent } from "../../core/progress.ts";

/** A task that is under way, with its latest output. */
export interface RunningTask {
  name: string;
  startedAt: number;
  /** The last lines of its output. */
  log: string[];
}

export type TaskEnd = Extract<ProgressEvent, { kind: "end" }>;

const keptLines = 200;

/** Follows progress events: what runs now, and how many tasks are done. */
export class Tasks {
  readonly running = new Map<number, RunningTask>();
  done = 0;
  cached = 0;

  /** Takes an event in; at the end of a task answers what it was. */
  update(event: ProgressEvent): RunningTask | undefined {
    if (event.kind === "start") {
      this.running.set(event.id, { name: event.name, startedAt: event.at, log: [] });
      return undefined;
    }
    if (event.kind === "log") {
      const task = event.id === null ? undefined : this.running.get(event.id);
      // What was said was shown: a failure need not show it again.
      if (!event.said) task?.log.push(...linesOf(event.text));
      if (task && task.log.length > keptLines) task.log.splice(0, task.log.length - keptLines);
      return undefined;
    }
    const task = this.running.get(event.id);
    this.running.delete(event.id);
    this.done++;
    if (event.cached) this.cached++;
    return task;
  }
}

/** Lines without control characters, which would move the cursor about. */
export function linesOf(text: string): string[] {
  const plain = text

    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]|\u001b\][^\u0007]*\u0007/g, "")
    .replace(/\r\n/g, "\n");
  return plain
    .split("\n")
    .map((line) => line.slice(line.lastIndexOf("\r") + 1).trimEnd())
    .filter((line) => line !== "");
}
