import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import type { Call } from "../api/define.ts";
import type { Caller } from "../core/caller.ts";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Session } from "../core/session.ts";
import type { ModuleConfig } from "./config.ts";
import { parseDuration } from "./duration.ts";
import { Invocation } from "./invocation.ts";
import type { RuntimeDir } from "./runtime-dir.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** The session's door, as far as a worker needs it. */
export interface Door {
  readonly port: number;
  admit(caller: Caller): string;
  dismiss(token: string): void;
}

/** One call of a function: object and function by the author's names. */
export interface FunctionCall {
  parentName: string;
  name: string;
  parent: Record<string, unknown>;
  inputs: Record<string, unknown>;
  cache: "default" | "session" | "never";
  timeToLive?: string;
  /** Shown as progress. */
  label: string;
}

let lastId = 0;

/** Runs a module's functions in its workers. */
export class ModuleRuntime {
  readonly #expiry = new Map<string, number>();

  constructor(
    readonly session: Session,
    readonly config: ModuleConfig,
    readonly dir: RuntimeDir,
    readonly pool: WorkerPool,
    private readonly door: Door,
  ) {}

  /** What the function returned, as plain JSON. Equal calls share one result unless forbidden. */
  async run(request: FunctionCall, { caller }: Call): Promise<unknown> {
    const chain = caller.functionCall instanceof Invocation ? caller.functionCall.chain : [];
    const { parentName, name, parent, inputs } = request;
    const key = keyOf("function-call", this.dir.key, parentName, name, json(parent), json(inputs));
    const start = () =>
      this.session.progress.task(request.label, (task) =>
        this.#start(request, key, chain, (line) => task.say(line)),
      );
    if (request.cache === "never") return start();
    if (chain.includes(key)) {
      throw new SluiceError(
        "RECURSIVE_CALL",
        `${request.label} calls itself with the same arguments, and would wait for itself forever`,
        { hint: 'Change an argument, or mark it @func({ cache: "never" }).' },
      );
    }
    this.pool.slots.raise(chain.length, key);
    if ((this.#expiry.get(key) ?? Infinity) <= Date.now()) this.session.forget(key);
    return this.session.once(key, async () => {
      this.#expiry.delete(key);
      const result = await start();
      if (request.timeToLive) this.#expiry.set(key, Date.now() + parseDuration(request.timeToLive));
      return result;
    });
  }

  /** Lets the SDK register the module's types; answers the id of the module that it made. */
  async register(): Promise<string> {
    const request = { parentName: "", name: "", parent: {}, inputs: {} };
    const key = keyOf("register", this.dir.key);
    return z.string().parse(await this.#start(request, key, []));
  }

  async #start(
    request: Pick<FunctionCall, "parentName" | "name" | "parent" | "inputs">,
    key: string,
    chain: readonly string[],
    log = (line: string) => this.session.progress.log(line),
  ): Promise<unknown> {
    const { parentName, name, parent, inputs } = request;
    const invocation = new Invocation({
      id: `call-${++lastId}`,
      moduleName: this.config.name,
      parentName,
      name,
      parent,
      inputs,
      chain: [...chain, key],
      source: async () => this.dir.source,
    });
    const finished = this.pool.slots.use(chain.length, key, () => this.#inWorker(invocation, log));
    this.session.background(finished);
    finished.catch((error: unknown) => invocation.crash(error));
    const value = await invocation.result;
    // A moment later its worker is free again, for the call that may follow at once.
    await finished;
    return value;
  }

  async #inWorker(invocation: Invocation, log: (line: string) => void): Promise<void> {
    await this.pool.lend(async (worker) => {
      const cwd = await realpath(await mkdtemp(join(tmpdir(), "sluice-function-")));
      const token = this.door.admit({ id: invocation.id, cwd, functionCall: invocation });
      try {
        const { port } = this.door;
        const { lean } = this.pool;
        const registers = invocation.parentName === "";
        await worker.run({ kind: "call", port, token, cwd, lean, registers }, log);
        invocation.crash(
          new SluiceError(
            "NO_RESULT",
            `function "${invocation.name}" completed without returning a value`,
          ),
        );
      } catch (error) {
        invocation.crash(this.session.signal.aborted ? this.session.signal.reason : error);
      } finally {
        this.door.dismiss(token);
        await rm(cwd, { recursive: true, force: true });
      }
    });
  }
}

type KeyPart = Parameters<typeof keyOf>[number];

/** JSON values are what keys are made of. */
const json = (value: Record<string, unknown>): KeyPart => value as KeyPart;
