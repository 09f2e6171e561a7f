import { firstLine } from "../../error.ts";
import { Failed, GivenUp } from "../failed.ts";
import type { ContainerReport, Failure } from "../model.ts";
import { seconds } from "../seconds.ts";
import type { ContainerSpec } from "../stage.ts";
import type { BoundedLog } from "../supervise/bounded-log.ts";
import type { Exit } from "../supervise/supervised.ts";
import type { Context } from "./context.ts";
import { EXCERPT_LINES, excerptOf } from "./log.ts";

/** What is known about one container of a verification, as it goes on. */
export class Record {
  state: "pending" | ContainerReport["state"] = "pending";
  /** Full command line; empty until its image is there. */
  argv: readonly string[] = [];
  exit: Exit | null = null;
  readonly durations: ContainerReport["durations"] = { pull: null, start: null, ready: null };
  #failure: Failure | null = null;
  #skippedBecause: string | null = null;
  #startedAtMs: number | null = null;
  #log: BoundedLog | undefined;

  constructor(
    private readonly context: Context,
    private readonly spec: ContainerSpec,
  ) {}

  get name(): string {
    return this.spec.name;
  }

  started(log: BoundedLog): void {
    this.#log = log;
    this.#startedAtMs = this.context.elapsed();
    this.#tell(`started in ${seconds(this.durations.start ?? 0)}`);
  }

  passed(ageMs: number): void {
    this.state = "passed";
    this.durations.ready = ageMs;
    this.#tell(`passed after ${seconds(ageMs)}`);
  }

  /** It did not pass, or does not any more. */
  ended(error: unknown): void {
    if (error instanceof GivenUp) {
      this.state = "skipped";
      this.#skippedBecause = error.message;
      return this.#tell(`skipped: ${error.message}`);
    }
    const { scrub } = this.context;
    const failed = error instanceof Failed ? error : unexpected(error);
    this.state = "failed";
    this.#failure = {
      code: failed.code,
      expected: scrub(failed.expected),
      found: scrub(failed.found),
      reason: scrub(`${this.name}: ${failed.message}`),
      atMs: this.context.elapsed(),
    };
    this.#tell(`FAILED: ${failed.message}`);
  }

  /** Its whole output so far, as far as it was kept, without secrets. */
  log(): string {
    return this.context.scrub(this.#log?.text() ?? "");
  }

  /** The last line that it printed; undefined when there is none. */
  lastLine(): string | undefined {
    return excerptOf(this.log(), 1).lines.at(-1);
  }

  report(): ContainerReport {
    const text = this.log();
    const state = this.state === "pending" ? "skipped" : this.state;
    return {
      name: this.name,
      image: this.spec.image,
      state,
      failure: this.#failure,
      skippedBecause: this.#skippedBecause,
      exitCode: this.exit?.exitCode ?? null,
      startedAtMs: this.#startedAtMs,
      durations: this.durations,
      log: {
        ...excerptOf(text, EXCERPT_LINES[state === "passed" ? "passed" : "failed"]),
        omittedBytes: this.#log?.omittedBytes ?? 0,
        file: text === "" ? null : `${this.name}.log`,
      },
    };
  }

  #tell(what: string): void {
    this.context.progress(this.context.scrub(`${this.name}: ${what}`));
  }
}

/** A defect of ours must not pass for a healthy service. */
function unexpected(error: unknown): Failed {
  const found = firstLine(error);
  return new Failed(
    "START_FAILED",
    "the container to be verified",
    found,
    `could not be verified: ${found}`,
  );
}
