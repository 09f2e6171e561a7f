import type { Link } from "./artifact.ts";
import { inParallel } from "./in-parallel.ts";
import type { Entry } from "./model.ts";
import type { Shelf } from "./shelf.ts";
import { findTail } from "./tail.ts";

const BATCH = 128;

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
  const { stream } = last;
  const entries = [await shelf.entry(last)];
  // In batches: what a damaged stream says of its length is not believed further than it reaches.
  for (let next = last.sequence - 1; next > 0 && entries.length < limit;) {
    const count = Math.min(BATCH, next, limit - entries.length);
    const sequences = Array.from({ length: count }, (_, index) => next - index);
    const batch = await inParallel(sequences, async (sequence) => {
      const link = await shelf.record(stream, sequence);
      return link && shelf.entry(link);
    });
    for (const [index, entry] of batch.entries()) {
      const expected = entries.at(-1)?.previous ?? null;
      if (entry?.digest !== expected) {
        throw shelf.broken(stream, next - index, expected, entry?.digest ?? null);
      }
      entries.push(entry);
    }
    next -= count;
  }
  const first = entries.at(-1);
  if (first?.sequence === 1 && first.previous !== null) {
    throw shelf.broken(stream, 0, first.previous, null);
  }
  return entries;
}
