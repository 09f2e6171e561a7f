import type { Link } from "./artifact.ts";
import { inParallel } from "./in-parallel.ts";
import type { Entry } from "./model.ts";
import type { Shelf } from "./shelf.ts";
import { findTail } from "./tail.ts";

/**
 * The last `limit` records of a stream, newest first, with every link between them checked. A record
 * that its writer did not come to move the head to counts.
 */
export async function history(shelf: Shelf, stream: string, limit: number): Promise<Entry[]> {
  if (limit < 1) return [];
  const head = await shelf.head(stream);
  if (!head) return before(shelf, (await findTail(shelf, stream)).last, limit);
  const [beyond, entries] = await Promise.all([
    shelf.record(stream, head.sequence + 1),
    before(shelf, head, limit),
  ]);
  return beyond ? before(shelf, (await findTail(shelf, stream)).last, limit) : entries;
}

async function before(shelf: Shelf, last: Link | undefined, limit: number): Promise<Entry[]> {
  if (!last) return [];
  const { stream, sequence } = last;
  const count = Math.min(limit, sequence);
  const sequences = Array.from({ length: count - 1 }, (_, index) => sequence - 1 - index);
  const earlier = await inParallel(sequences, async (one) => {
    const link = await shelf.record(stream, one);
    return link && shelf.entry(link);
  });
  const entries = [await shelf.entry(last)];
  for (const [index, one] of sequences.entries()) {
    const expected = entries.at(-1)?.previous ?? null;
    const entry = earlier[index];
    if (entry?.digest !== expected) {
      throw shelf.broken(stream, one, expected, entry?.digest ?? null);
    }
    entries.push(entry);
  }
  return entries;
}
