import { availableParallelism } from "node:os";
import type { Session } from "../core/session.ts";
import { Slots } from "./slots.ts";
import { workerFile } from "./worker-file.ts";
import { WorkerProcess } from "./worker-process.ts";

/** Each worker holds TypeScript and the SDK, some 150 MB, and is busy only while it does not wait. */
const perLevel = Math.max(2, Math.min(8, availableParallelism()));

/**
 * The workers of one module. Function code runs in one at a time; a worker that is done serves the
 * next call, since starting one costs more than most calls.
 */
export class WorkerPool {
  readonly slots = new Slots(perLevel);
  readonly #idle: WorkerProcess[] = [];
  readonly #all = new Set<WorkerProcess>();
  #spare: WorkerProcess | undefined;
  #job: { tsconfig: string; files: string[] } | undefined;
  readonly #prepared = new WeakMap<WorkerProcess, Promise<void>>();

  private constructor(
    private readonly session: Session,
    private readonly workerFile: string,
  ) {
    session.onClose(() => this.#close());
    session.signal.addEventListener("abort", () => void this.#close(), { once: true });
  }

  /** A first worker starts before anything is known of the module: the SDK takes long to load. */
  static async warm(session: Session): Promise<WorkerPool> {
    const pool = new WorkerPool(session, await workerFile(session.stateDir));
    pool.#spare = pool.#start();
    return pool;
  }

  /** Says what all workers load, and lets the waiting one begin. */
  prepare(job: { tsconfig: string; files: string[] }): void {
    this.#job = job;
    const worker = this.#spare;
    this.#spare = undefined;
    if (!worker) return;
    this.#ready(worker).catch(() => undefined);
    this.#idle.push(worker);
  }

  /** Lends a prepared worker to `work`, and keeps it for the next call unless it died. */
  async lend<T>(work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
    this.session.signal.throwIfAborted();
    const worker = this.#idle.pop() ?? this.#start();
    try {
      await this.#ready(worker);
    } catch (error) {
      this.#all.delete(worker);
      await worker.kill();
      throw error;
    }
    try {
      return await work(worker);
    } finally {
      if (worker.alive) this.#idle.push(worker);
      else this.#all.delete(worker);
    }
  }

  #start(): WorkerProcess {
    const worker = WorkerProcess.start(this.workerFile);
    this.#all.add(worker);
    return worker;
  }

  #ready(worker: WorkerProcess): Promise<void> {
    const job = this.#job;
    if (!job) throw new Error("the worker pool is used before it is prepared");
    let ready = this.#prepared.get(worker);
    if (!ready) {
      ready = worker.run({ kind: "prepare", ...job }, (line) => this.session.progress.log(line));
      this.#prepared.set(worker, ready);
    }
    return ready;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#all].map((worker) => worker.kill()));
    this.#all.clear();
  }
}
