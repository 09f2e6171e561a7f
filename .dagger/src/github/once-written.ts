import { SluiceError } from "../error.ts";
import { statusOf } from "./failure.ts";

const ATTEMPTS = 3;

/** Something that must be there once, and how to see that it is. */
export interface Written<T> {
  /** What is there already, recognised by a marker in it; undefined for nothing. */
  readonly find: () => Promise<T | undefined>;
  readonly write: () => Promise<T>;
}

/**
 * Writes what isn't there. An answer that never came, or a server's error, doesn't tell whether the
 * write was applied: so it is looked for before it is written again. GitHub's refusals (4xx) are
 * final; a limit has been waited for by the client.
 *
 * @throws what `write` throws, when it isn't there after three attempts
 */
export async function onceWritten<T>({ find, write }: Written<T>): Promise<T> {
  let failure: unknown;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const found = await find();
    if (found !== undefined) return found;
    try {
      return await write();
    } catch (error) {
      if (!mayBeApplied(error)) throw error;
      failure = error;
    }
  }
  const found = await find();
  if (found === undefined) throw failure;
  return found;
}

function mayBeApplied(error: unknown): boolean {
  if (error instanceof SluiceError) return false;
  const status = statusOf(error);
  return status === undefined ? isOfRequest(error) : status >= 500;
}

/** Octokit's errors name the request; others are of this program. */
function isOfRequest(error: unknown): boolean {
  return error instanceof Error && "request" in error;
}
