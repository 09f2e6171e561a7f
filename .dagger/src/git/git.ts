/** How a git command ended. */
export interface GitResult {
  /** Exit code; `TIMED_OUT` when it was ended because it took too long. */
  code: number;
  stdout: string;
  /** What it complained about, without secrets. */
  stderr: string;
}

/** Exit code of a command that was ended at its deadline, as `timeout` has it. */
export const TIMED_OUT = 124;

/** What a command is given besides its arguments. */
export interface GitRunOptions {
  /** Text for its standard input. Default: empty. */
  input?: string;
}

/**
 * The git program in one bare scratch repository, which knows the source's objects and never
 * changes the source. Commands run one after another; what they write stays for the next ones.
 */
export interface Git {
  /** Runs `git <args>`. A non-zero exit is an answer, not an exception. */
  run(args: readonly string[], options?: GitRunOptions): Promise<GitResult>;
}

/** Milliseconds that a command may take. Only a fetch may have much to carry. */
export function deadlineMs(args: readonly string[]): number {
  return args[0] === "fetch" ? 300_000 : 30_000;
}

/** Does one thing at a time, in the order asked. */
export class Queue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }
}
