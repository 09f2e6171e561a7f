import type { FailureCode } from "./model.ts";

/** One container's failure, thrown by the steps of its life and recorded by it. */
export class Failed extends Error {
  override readonly name = "Failed";

  /**
   * @param found on one line; the reason is made of it
   * @param reason one line without the container's name; default: both expected and found
   */
  constructor(
    readonly code: FailureCode,
    readonly expected: string,
    readonly found: string,
    reason = `expected ${expected}, got ${found}`,
  ) {
    super(reason);
  }
}

/** Thrown when something that a container needs did not become healthy, or is gone. */
export class GivenUp extends Error {
  override readonly name = "GivenUp";

  /** @param missing names of what it needs in vain */
  constructor(missing: readonly string[]) {
    super(`it needs ${missing.join(" and ")}`);
  }
}

/** The verification was ended before this container's verdict was clear. */
export function interrupted(): Failed {
  const found = "the verification was interrupted";
  return new Failed("INTERRUPTED", "time to finish", found, found);
}

const meanings: Readonly<Record<number, string>> = {
  126: "the command could not be run",
  127: "the command was not found",
  134: "SIGABRT",
  137: "SIGKILL, often for lack of memory",
  139: "SIGSEGV",
  143: "SIGTERM",
};

/** `exit code 137 (SIGKILL, often for lack of memory)` */
export function describeExit(code: number): string {
  const meaning = meanings[code];
  return meaning === undefined ? `exit code ${code}` : `exit code ${code} (${meaning})`;
}
