import { within } from "../clock.ts";
import { firstLine } from "../../error.ts";
import { Failed, GivenUp, interrupted } from "../failed.ts";
import { defaults } from "../input.ts";
import type { ContainerReport } from "../model.ts";
import { seconds } from "../seconds.ts";
import type { ContainerSpec, Prepared } from "../stage.ts";
import type { Supervised } from "../supervise/supervised.ts";
import type { Context } from "./context.ts";
import { exited } from "./exited.ts";
import { Record } from "./record.ts";

/** A container that runs, for the step that is busy with it. */
export interface Running {
  container: Supervised;
  /** Aborted when the step has no ground any more: this container or one that it needs is gone, or the verification is to end. */
  signal: AbortSignal;
  /** Milliseconds since it was started. */
  age(): number;
}

/**
 * The course of one container through a verification: pull, wait for what it needs, start, then
 * the step of its kind.
 */
export abstract class Life {
  /** Settles with true once others may rely on it, with false when they never may. */
  readonly usable: Promise<boolean>;
  readonly record: Record;
  /** Whether the end of its program is what is waited for, and not a failure. */
  protected readonly endsByItself: boolean = false;
  readonly #gone = new AbortController();
  #over = false;
  #relied = false;
  #setUsable!: (usable: boolean) => void;

  constructor(
    protected readonly context: Context,
    readonly spec: ContainerSpec,
    private readonly needs: readonly Life[],
  ) {
    this.record = new Record(context, spec);
    this.usable = new Promise((resolve) => (this.#setUsable = resolve));
  }

  /** What this kind has to do once it runs; throws `Failed`. */
  protected abstract prove(running: Running): Promise<void>;

  /** What this kind reports about itself. */
  abstract report(): ContainerReport;

  /** Goes the whole way; never rejects. Settles when the verdict on this container is clear. */
  async run(): Promise<void> {
    try {
      const prepared = await this.#pull();
      await this.#awaitNeeds();
      const running = await this.#start(prepared);
      await this.#prove(running);
      this.record.passed(running.age());
    } catch (error) {
      this.record.ended(error);
    } finally {
      this.#setUsable(this.record.state === "passed");
    }
  }

  /** For the step: others may rely on this container from now on. */
  protected markUsable(): void {
    this.#relied = true;
    this.#setUsable(true);
  }

  /** The verification stops its containers now: their end means nothing any more. */
  over(): void {
    this.#over = true;
  }

  async #pull(): Promise<Prepared> {
    const { image } = this.spec;
    const prepared = await this.#limited(
      "pull",
      this.context.stage.prepare(this.spec),
      (found) =>
        new Failed("PULL_FAILED", `to pull ${image}`, found, `could not pull ${image}: ${found}`),
    );
    this.record.argv = prepared.argv;
    return prepared;
  }

  async #awaitNeeds(): Promise<void> {
    const usable = await Promise.all(this.needs.map((need) => need.usable));
    if (this.context.signal.aborted) throw interrupted();
    const missing = this.needs.filter((need, index) => !usable[index] || need.#gone.signal.aborted);
    if (missing.length > 0) throw new GivenUp(missing.map(({ spec }) => spec.name));
  }

  async #start(prepared: Prepared): Promise<Running> {
    const { context, needs } = this;
    const container = await this.#limited(
      "start",
      prepared.start(needs.map(({ spec }) => spec.name)),
      (found) =>
        new Failed("START_FAILED", "the container to start", found, `could not start: ${found}`),
    );
    const up = context.clock.now();
    this.record.started(container.log);
    void container.exited.then(({ exitCode }) => this.#ended(exitCode));
    const grounds = [context.signal, ...needs.map((need) => need.#gone.signal)];
    if (!this.endsByItself) grounds.push(this.#gone.signal);
    return {
      container,
      signal: AbortSignal.any(grounds),
      age: () => context.clock.now() - up,
    };
  }

  /** The step, but no longer than it has ground to stand on. */
  async #prove(running: Running): Promise<void> {
    const { signal } = running;
    const step = this.prove(running).then(() => true);
    const cut = new Promise<false>((resolve) => {
      if (signal.aborted) return resolve(false);
      signal.addEventListener("abort", () => resolve(false), { once: true });
    });
    step.catch(() => undefined);
    if (await Promise.race([cut, step])) return;
    if (this.context.signal.aborted) throw interrupted();
    if (this.#gone.signal.aborted) {
      throw exited(this.record, this.#relied ? "after it was healthy" : "before it was healthy");
    }
    throw new GivenUp(
      this.needs.filter((need) => need.#gone.signal.aborted).map(({ spec }) => spec.name),
    );
  }

  #ended(exitCode: number | null): void {
    if (this.#over) return;
    this.record.exit = { exitCode };
    if (!this.endsByItself && this.record.state === "passed") {
      this.record.ended(exited(this.record, "after it was healthy"));
    }
    this.#gone.abort();
  }

  /** Waits for work of the engine, but not for ever. */
  async #limited<T>(
    phase: "pull" | "start",
    work: Promise<T>,
    failed: (found: string) => Failed,
  ): Promise<T> {
    const { clock, signal } = this.context;
    const begun = clock.now();
    const limitMs = defaults[`${phase}DeadlineMs`];
    const done = await within(clock, limitMs, signal, work).catch((error: unknown) => {
      if (signal.aborted) throw interrupted();
      throw failed(firstLine(error));
    });
    if (signal.aborted) throw interrupted();
    if (!done) throw failed(`nothing happened within ${seconds(limitMs)}`);
    this.record.durations[phase] = clock.now() - begun;
    return done.value;
  }
}
