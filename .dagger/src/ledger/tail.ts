import { setTimeout as after } from "node:timers/promises";
import type { Link } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import type { Shelf } from "./shelf.ts";
import { headTag } from "./streams.ts";

/** Where a stream ends. */
export interface Tail {
  /** The last record; undefined for an empty stream. */
  last: Link | undefined;
  /** What the head tag points to: `last`, or something before it when its writer died too early. */
  head: Link | undefined;
  /** What the head tag points to, if another record took its place before it was confirmed. */
  stray: Link | undefined;
}

const TRIES = 5;
const FIRST_PAUSE_MS = 50;

/** Tells of an end that was left in disorder, for who is about to repair it. */
export function tellDisorder(shelf: Shelf, { last, head, stray }: Tail): void {
  if (!last || (last.digest === head?.digest && !stray)) return;
  const place = `${shelf.ref(headTag(last.stream))} was at ${head ? `record ${head.sequence}` : "no record"}`;
  const what = stray
    ? `which lost its place to another; it is written again`
    : `the last one is record ${last.sequence}; its writer was cut off, or is still at it`;
  shelf.tell(`${place}, ${what}`);
}

/**
 * Finds the end of a stream, also beyond a head that is behind. Two writers at once can make it
 * look broken for a moment; it is called so when it stays broken.
 *
 * @throws LedgerError `LEDGER_BROKEN`
 */
export async function findTail(shelf: Shelf, stream: string): Promise<Tail> {
  for (let trial = 1; ; trial++) {
    try {
      return await tailNow(shelf, stream);
    } catch (error) {
      const broken = error instanceof LedgerError && error.code === "LEDGER_BROKEN";
      if (!broken || trial === TRIES) throw error;
      await after(FIRST_PAUSE_MS * 2 ** (trial - 1));
    }
  }
}

async function tailNow(shelf: Shelf, stream: string): Promise<Tail> {
  const head = await shelf.head(stream);
  const [own, next] = await Promise.all([
    head && shelf.record(stream, head.sequence),
    shelf.record(stream, (head?.sequence ?? 0) + 1),
  ]);
  if (head && !own) throw shelf.broken(stream, head.sequence, head.digest, null);
  // Of two records for one place, the one counts that was built upon, or else the one that is there.
  const strays = head && own?.digest !== head.digest && next?.previous !== head.digest;
  let last = strays ? own : head;
  for (let one = next; one; one = await shelf.record(stream, one.sequence + 1)) {
    if (one.previous !== (last?.digest ?? null)) {
      throw shelf.broken(stream, one.sequence - 1, one.previous, last?.digest ?? null);
    }
    last = one;
  }
  return { last, head, stray: strays ? head : undefined };
}
