import { SluiceError } from "../core/error.ts";
import type { Node } from "../core/node.ts";
import type { Tree } from "../content/tree.ts";
import type { ErrorNode } from "./api/error.ts";

export interface InvocationParts {
  /** Unique in the session. */
  id: string;
  moduleName: string;
  /** Object and function in the author's names; both empty when the module registers its types. */
  parentName: string;
  name: string;
  /** State of the object, and arguments by the author's names: plain JSON, core objects as ids. */
  parent: Record<string, unknown>;
  inputs: Record<string, unknown>;
  /** Keys of the calls that this one was made from, outermost first, and its own. */
  chain: readonly string[];
  /** The module's source directory. */
  source: () => Promise<Tree>;
}

/** One call of module code: what it is to do, and what it answered. */
export class Invocation {
  readonly id: string;
  readonly moduleName: string;
  readonly parentName: string;
  readonly name: string;
  readonly parent: Record<string, unknown>;
  readonly inputs: Record<string, unknown>;
  readonly chain: readonly string[];
  readonly source: () => Promise<Tree>;
  /** The value that the function returned; rejects with the error that it threw. */
  readonly result: Promise<unknown>;
  readonly #settle: PromiseWithResolvers;

  constructor(parts: InvocationParts) {
    this.id = parts.id;
    this.moduleName = parts.moduleName;
    this.parentName = parts.parentName;
    this.name = parts.name;
    this.parent = parts.parent;
    this.inputs = parts.inputs;
    this.chain = parts.chain;
    this.source = parts.source;
    this.#settle = withResolvers();
    this.result = this.#settle.promise;
    // Whoever waits hears of a failure; until then it is not an unhandled one.
    this.result.catch(() => undefined);
  }

  /** The API object that the SDK asks. */
  get node(): Node & { invocation: Invocation } {
    return { typeName: "FunctionCall", key: this.id, invocation: this };
  }

  succeed(value: unknown): void {
    this.#settle.resolve(value);
  }

  /** The function threw: its message, and the extensions of the error that it passed on. */
  fail({ value: { message, values } }: ErrorNode): void {
    const extensions = Object.fromEntries(
      values.map(({ name, value }) => [name, JSON.parse(value) as unknown]),
    );
    this.#settle.reject(new SluiceError("FUNCTION_FAILED", message, { extensions }));
  }

  /** The worker ended, or never could begin. Has no effect once the function has answered. */
  crash(error: unknown): void {
    this.#settle.reject(error);
  }
}

interface PromiseWithResolvers {
  promise: Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers(): PromiseWithResolvers {
  let resolve: (value: unknown) => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const promise = new Promise<unknown>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}
