import type { Colors } from "picocolors/types.js";
import type { ProgressEvent } from "../../core/progress.ts";
import { formatDuration } from "../duration.ts";
import { finishedLines } from "./finished.ts";
import { linesOf, Tasks, type RunningTask } from "./tasks.ts";
import type { ProgressView, Verbosity } from "./view.ts";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 100;
const shownTasks = 6;
const clearBelow = "\u001b[0J";
const hideCursor = "\u001b[?25l";
const showCursor = "\u001b[?25h";

/** What the live view needs of a terminal; `process.stderr` is one. */
export interface Terminal {
  write(text: string): unknown;
  readonly columns?: number;
}

/** What runs now stays at the bottom; what is worth keeping scrolls by above it. */
export class LiveView implements ProgressView {
  readonly #tasks = new Tasks();
  readonly #timer: NodeJS.Timeout;
  readonly #startedAt = Date.now();
  #drawn = 0;
  #frame = 0;
  #stopped = false;
  showedFailure = false;

  constructor(
    private readonly terminal: Terminal,
    private readonly colors: Colors,
    private readonly verbosity: Verbosity,
  ) {
    this.#timer = setInterval(() => this.#draw([]), frameMs);
    this.#timer.unref();
  }

  show(event: ProgressEvent): void {
    if (this.#stopped) return;
    const task = this.#tasks.update(event);
    if (event.kind === "end") {
      if (event.error !== undefined && task && task.log.length > 0) this.showedFailure = true;
      this.#draw(finishedLines(event, task, this.colors, this.verbosity));
    } else if (event.kind === "log" && (event.id === null || event.said)) {
      this.#draw(linesOf(event.text));
    }
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearInterval(this.#timer);
    this.terminal.write(this.#erase() + showCursor);
  }

  /** Writes `kept` where the moving part was, and the moving part below it. */
  #draw(kept: string[]): void {
    const moving = this.#moving();
    if (kept.length === 0 && moving.length === 0 && this.#drawn === 0) return;
    const text = [...kept, ...moving].map((line) => `${line}\n`).join("");
    this.terminal.write(hideCursor + this.#erase() + text);
    this.#drawn = moving.length;
  }

  #erase(): string {
    const up = this.#drawn > 0 ? `\u001b[${this.#drawn}A` : "";
    this.#drawn = 0;
    return `${up}\r${clearBelow}`;
  }

  #moving(): string[] {
    const running = [...this.#tasks.running.values()];
    if (running.length === 0) return [];
    this.#frame = (this.#frame + 1) % frames.length;
    // The longest-running say most about what is being waited for.
    const lines = running.slice(0, shownTasks).map((task) => this.#line(task));
    const more = running.length - shownTasks;
    const { done, cached } = this.#tasks;
    const parts = [
      `${done} done`,
      `${cached} cached`,
      formatDuration(Date.now() - this.#startedAt),
    ];
    if (more > 0) parts.unshift(`${more} more running`);
    return [...lines, this.colors.dim(this.#cut(`  ${parts.join(" · ")}`))];
  }

  #line(task: RunningTask): string {
    const elapsed = formatDuration(Date.now() - task.startedAt);
    const last = task.log.at(-1);
    const text = this.#cut(`${task.name} ${elapsed}${last ? ` │ ${last}` : ""}`, 2);
    return `${this.colors.cyan(frames[this.#frame])} ${text}`;
  }

  /** One line of the terminal: a wrapped line could not be erased again. */
  #cut(text: string, taken = 0): string {
    // Some pseudo-terminals say that they have no columns.
    const { columns = 0 } = this.terminal;
    const width = (columns > 0 ? columns : 80) - taken - 1;
    return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  }
}
