import { SluiceError } from "../core/error.ts";
import type { Session } from "../core/session.ts";
import { type SdkBundle, sdkBundle } from "./sdk-bundle.ts";
import { sdkPackages } from "./sdk.ts";
import { Slots } from "./slots.ts";
import { workerFile } from "./worker-file.ts";
import { WorkerProcess } from "./worker-process.ts";

/** A worker holds TypeScript and the SDK, some 150 MB; most functions wait more than they compute. */
const perLevel = 8;
/** Most calls are over sooner than a new worker could begin. */
const patienceMs = 100;

interface Waiter {
  take: (worker: WorkerProcess) => void;
  refuse: (error: unknown) => void;
}

/**
 * The workers of one module. Function code runs in one at a time; a worker that is done serves the
 * next call, since starting one costs more than most calls.
 */
export class WorkerPool {
  readonly slots = new Slots(perLevel);
  readonly #idle: WorkerProcess[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #all = new Set<WorkerProcess>();
  readonly #lent = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;
  #starting = 0;
  #spare: WorkerProcess | undefined;
  #job: { path: string; files: string[] } | undefined;
  /** Whether workers read only the declarations that the module's types need. */
  lean = false;

  private constructor(
    private readonly session: Session,
    private readonly workerFile: string,
    private readonly sdk: SdkBundle,
  ) {
    session.onClose(() => this.#close());
    session.signal.addEventListener("abort", () => void this.#close(), { once: true });
  }

  /** A first worker starts before anything is known of the module: the SDK takes long to load. */
  static async warm(session: Session): Promise<WorkerPool> {
    const [file, sdk] = await Promise.all([
      workerFile(session.stateDir),
      sdkBundle(session.stateDir, sdkPackages()),
    ]);
    const pool = new WorkerPool(session, file, sdk);
    pool.#spare = pool.#start();
    return pool;
  }

  /** Says what all workers load, and lets the first one begin. */
  prepare({ path, files }: { path: string; files: string[] }): void {
    this.#job = { path, files };
    void this.#add();
  }

  /** Lends a prepared worker to `work`, and keeps it for the next call unless it died. */
  lend<T>(work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
    const lent = this.#lend(work);
    const over = lent
      .then(
        () => undefined,
        () => undefined,
      )
      .finally(() => this.#lent.delete(over));
    this.#lent.add(over);
    return lent;
  }

  async #lend<T>(work: (worker: WorkerProcess) => Promise<T>): Promise<T> {
    this.session.signal.throwIfAborted();
    const worker = await this.#take();
    try {
      return await work(worker);
    } finally {
      if (worker.alive) this.#offer(worker);
      else this.#all.delete(worker);
    }
  }

  #take(): Promise<WorkerProcess> {
    const worker = this.#idle.pop();
    if (worker) return Promise.resolve(worker);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { take: resolve, refuse: reject };
      this.#waiting.push(waiter);
      const timer = setTimeout(
        () => {
          if (this.#waiting.includes(waiter) && this.#starting < this.#waiting.length) {
            void this.#add();
          }
        },
        // Nobody can become free when there is nobody.
        this.#all.size === 0 ? 0 : patienceMs,
      );
      waiter.take = (taken) => {
        clearTimeout(timer);
        resolve(taken);
      };
      waiter.refuse = (error) => {
        clearTimeout(timer);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- passed on as it came
        reject(error);
      };
    });
  }

  #offer(worker: WorkerProcess): void {
    const waiter = this.#waiting.shift();
    if (waiter) waiter.take(worker);
    else this.#idle.push(worker);
  }

  /** Readies one more worker. When it can't be, all who wait hear why: no other would fare better. */
  async #add(): Promise<void> {
    const job = this.#job;
    if (!job) throw new Error("the worker pool is used before it is prepared");
    const worker = this.#spare ?? this.#start();
    this.#spare = undefined;
    this.#starting++;
    try {
      await worker.run({ kind: "prepare", ...job, lean: this.lean }, (line) =>
        this.session.progress.log(line),
      );
      this.#offer(worker);
    } catch (error) {
      this.#all.delete(worker);
      for (const waiter of this.#waiting.splice(0)) waiter.refuse(error);
      await worker.kill();
    } finally {
      this.#starting--;
    }
  }

  #start(): WorkerProcess {
    const worker = WorkerProcess.start(this.workerFile, this.sdk);
    this.#all.add(worker);
    return worker;
  }

  #close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  async #end(): Promise<void> {
    const closed = new SluiceError("SESSION_CLOSED", "the session is closed");
    for (const waiter of this.#waiting.splice(0)) waiter.refuse(closed);
    await Promise.all([...this.#all].map((worker) => worker.kill()));
    this.#all.clear();
    // Calls end with their worker, and have folders of theirs to remove.
    await Promise.all(this.#lent);
  }
}
