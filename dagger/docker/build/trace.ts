import { Tail } from "../process/tail.ts";
import { Status } from "./protocol.ts";

/** A step that failed. */
export interface FailedStep {
  /** `[build 2/4] RUN make` */
  name: string;
  error: string;
  stdout: string;
  stderr: string;
}

interface Step {
  name: string;
  announced: boolean;
  stdout: Tail;
  stderr: Tail;
}

const STDERR = 2;
/** Of each stream of each step so much is kept for error messages; bytes. */
const KEPT_OUTPUT = 64 * 1024;

/** Follows BuildKit's reports: shows steps and their output, and remembers what failed. */
export class Trace {
  readonly #steps = new Map<string, Step>();
  failed: FailedStep | undefined;

  constructor(private readonly progress: (line: string) => void) {}

  /** `report` is the base64 text of one status message. */
  take(report: string): void {
    const { vertexes, logs, warnings } = Status.decode(Buffer.from(report, "base64"));
    for (const { digest, name, started, completed, cached, error } of vertexes) {
      const step = this.#step(digest);
      step.name = name;
      if (!step.announced && (started || cached) && !name.startsWith("[internal]")) {
        step.announced = true;
        this.progress(cached ? `${name} (cached)` : name);
      }
      if (error !== "" && completed && !/context canceled/.test(error)) {
        const stdout = step.stdout.text();
        this.failed ??= { name, error, stdout, stderr: step.stderr.text() };
      }
    }
    for (const { vertex, stream, msg } of logs) {
      const bytes = Buffer.from(msg);
      const step = this.#step(vertex);
      (stream === STDERR ? step.stderr : step.stdout).write(bytes);
      for (const line of bytes.toString().trimEnd().split("\n")) this.progress(`  ${line}`);
    }
    for (const { short } of warnings) this.progress(`warning: ${Buffer.from(short).toString()}`);
  }

  #step(digest: string): Step {
    let step = this.#steps.get(digest);
    if (!step) {
      const tail = () => new Tail(KEPT_OUTPUT);
      step = { name: "", announced: false, stdout: tail(), stderr: tail() };
      this.#steps.set(digest, step);
    }
    return step;
  }
}
