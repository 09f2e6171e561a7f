import { randomUUID } from "node:crypto";
import { setMaxListeners } from "node:events";
import type { ContentStore } from "../content/store.ts";
import type { Runtime } from "../docker/types.ts";
import type { DiskCache } from "./cache.ts";
import { SluiceError } from "./error.ts";
import type { Node } from "./node.ts";
import { Progress } from "./progress.ts";
import { Scrubber } from "./scrub.ts";

export interface SessionParts {
  id: string;
  /** Connects on first use: a query that needs no container needs no Docker. */
  runtime: () => Promise<Runtime>;
  store: ContentStore;
  cache: DiskCache;
  /** Where engine state lives (`~/.cache/sluice`). */
  stateDir: string;
  scrubber?: Scrubber;
}

/** Everything that one run of the engine shares: objects by id, work in flight, and how to end it. */
export class Session {
  readonly id: string;
  readonly store: ContentStore;
  readonly cache: DiskCache;
  readonly stateDir: string;
  readonly scrubber: Scrubber;
  readonly progress: Progress;
  /** Aborted when the session closes; every wait listens to it. */
  readonly #abort = new AbortController();
  readonly #connect: () => Promise<Runtime>;
  #runtime: Promise<Runtime> | undefined;
  readonly #objects = new Map<string, Node>();
  readonly #work = new Map<string, Promise<unknown>>();
  readonly #background = new Set<Promise<unknown>>();
  readonly #closers: (() => Promise<void>)[] = [];
  #closing: Promise<void> | undefined;
  /** The machine's failure that a module may have passed on in words of its own. */
  environmentError: SluiceError | undefined;

  constructor(parts: SessionParts) {
    this.id = parts.id;
    this.store = parts.store;
    this.cache = parts.cache;
    this.stateDir = parts.stateDir;
    this.#connect = parts.runtime;
    this.scrubber = parts.scrubber ?? new Scrubber();
    // All that runs listens, and nothing of it leaks: it ends with the session.
    setMaxListeners(0, this.#abort.signal);
    this.progress = new Progress((text) => this.scrubber.scrub(text));
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The container runtime. Throws `DOCKER_UNREACHABLE` when there is none. */
  runtime(): Promise<Runtime> {
    this.#runtime ??= this.#connect().catch((error: unknown) => {
      this.#runtime = undefined;
      throw error;
    });
    return this.#runtime;
  }

  /** The id under which `node` can be found again in this session. Equal recipes have equal ids. */
  idOf(node: Node): string {
    const id = Buffer.from(`${node.typeName}:${node.key}`).toString("base64url");
    this.#objects.set(id, node);
    return id;
  }

  load(id: string): Node {
    const node = this.#objects.get(id);
    if (!node) {
      throw new SluiceError("UNKNOWN_ID", `no object with id ${JSON.stringify(id.slice(0, 80))}`, {
        hint: "Ids are valid in the session that issued them.",
      });
    }
    return node;
  }

  /** Runs equal work once; callers in flight and later callers share the result. Failures are not kept. */
  once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const running = this.#work.get(key) as Promise<T> | undefined;
    if (running) return running;
    const promise = work();
    this.#work.set(key, promise);
    promise.catch(() => {
      if (this.#work.get(key) === promise) this.#work.delete(key);
    });
    return promise;
  }

  /** The work under `key` if there is any, without starting it. */
  peek<T>(key: string): Promise<T> | undefined {
    return this.#work.get(key) as Promise<T> | undefined;
  }

  /** Forgets a result so that the next caller does the work again. */
  forget(key: string): void {
    this.#work.delete(key);
  }

  /** Work that nobody waits for now, but that must end before the session does. */
  background(promise: Promise<unknown>): void {
    const settled = promise.catch(() => undefined).finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  /** Registers clean-up, run in reverse order when the session closes. */
  onClose(closer: () => Promise<void>): void {
    this.#closers.push(closer);
  }

  /** Ends everything that the session started. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Stops what is under way at once, then closes. */
  abort(): Promise<void> {
    this.#abort.abort(new SluiceError("INTERRUPTED", "the session was interrupted"));
    return this.close();
  }

  async #close(): Promise<void> {
    if (!this.#abort.signal.aborted) await Promise.allSettled(this.#background);
    for (const closer of this.#closers.reverse()) await closer().catch(() => undefined);
    if (!this.#abort.signal.aborted) {
      this.#abort.abort(new SluiceError("SESSION_CLOSED", "the session is closed"));
    }
    const runtime = await this.#runtime?.catch(() => undefined);
    await runtime?.close();
  }
}

export const newSessionId = (): string => randomUUID().replaceAll("-", "").slice(0, 12);
