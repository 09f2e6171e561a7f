import type { Colors } from "picocolors/types.js";
import type { ProgressEvent } from "../../core/progress.ts";
import { finishedLines } from "./finished.ts";
import { linesOf, Tasks } from "./tasks.ts";
import type { ProgressView, Verbosity } from "./view.ts";

type LogEvent = Extract<ProgressEvent, { kind: "log" }>;

/** Lines that only ever get appended: for CI logs and files. */
export class PlainView implements ProgressView {
  readonly #tasks = new Tasks();
  #stopped = false;
  showedFailure = false;

  constructor(
    private readonly write: (text: string) => void,
    private readonly colors: Colors,
    private readonly verbosity: Verbosity,
  ) {}

  show(event: ProgressEvent): void {
    if (this.#stopped) return;
    const task = this.#tasks.update(event);
    if (event.kind === "end") {
      if (event.error !== undefined && task && task.log.length > 0) this.showedFailure = true;
      this.#lines(finishedLines(event, task, this.colors, this.verbosity));
    } else if (event.kind === "log") {
      this.#log(event);
    } else if (this.verbosity === "verbose") {
      this.#lines([`${this.colors.dim("▸")} ${event.name}`]);
    }
  }

  stop(): void {
    this.#stopped = true;
  }

  #log({ id, text, said }: LogEvent): void {
    if (id === null && this.verbosity !== "quiet") this.#lines(linesOf(text));
    if (id === null || this.verbosity === "quiet") return;
    if (said) this.#lines(linesOf(text).map((line) => `${this.colors.dim("│")} ${line}`));
    if (said || this.verbosity !== "verbose") return;
    const name = this.#tasks.running.get(id)?.name ?? "";
    this.#lines(linesOf(text).map((line) => `${this.colors.dim(`  ${name} │`)} ${line}`));
  }

  #lines(lines: string[]): void {
    if (lines.length > 0) this.write(lines.join("\n") + "\n");
  }
}
