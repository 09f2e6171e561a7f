import { setTimeout as after } from "node:timers/promises";
import { type Content, type Link, linkOf, sameContent } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import type { Shelf } from "./shelf.ts";
import { headTag, recordTag } from "./streams.ts";
import { giveWay, surroundings } from "./surroundings.ts";
import { findTail } from "./tail.ts";

/** How often a writer gives way to others before it gives up. */
const ROUNDS = 30;

/**
 * Appends a record to a stream that others may write at the same time. A registry can't compare and
 * swap, so a record may take another's place for a moment. Whoever notices makes room: the one
 * whose record is out writes it again at the end, and the one whose record came over another's
 * writes that one again, which is the same bytes and so the same record.
 *
 * @param since the record may be in the stream already, after this sequence number
 */
export async function join(
  shelf: Shelf,
  stream: string,
  content: Content,
  staleMs: number,
  since?: number,
): Promise<Link> {
  let from = since;
  for (let round = 0; round < ROUNDS; round++) {
    const tail = await findTail(shelf, stream);
    from ??= tail.last?.sequence ?? 0;
    const there = await findSame(shelf, stream, content, from, tail.last?.sequence ?? 0);
    const link = there ?? linkOf(content, stream, tail.last);
    if (!there) await shelf.write(recordTag(stream, link.sequence), link.manifest);
    const outcome = await settle(shelf, link, staleMs);
    const strays = tail.stray ? [tail.stray, ...outcome.strays] : outcome.strays;
    for (const stray of strays) {
      if (!sameContent(stray, content)) {
        await join(shelf, stream, stray, staleMs, stray.sequence - 1);
      }
    }
    if (outcome.settled) return link;
    // Writers that met once should not meet again at once.
    await after(Math.random() * Math.min(20 * 2 ** round, 1000));
  }
  throw new LedgerError(
    "LEDGER_CONFLICT",
    `${shelf.ref(headTag(stream))}: others wrote at the same time, ${ROUNDS} times in a row`,
    { hint: "run this again when fewer runs write about the same commit" },
  );
}

async function findSame(
  shelf: Shelf,
  stream: string,
  content: Content,
  after: number,
  last: number,
): Promise<Link | undefined> {
  for (let sequence = after + 1; sequence <= last; sequence++) {
    const link = await shelf.record(stream, sequence);
    if (link && sameContent(link, content)) return link;
  }
  return undefined;
}

/** Sees to it that the head is not before a written record; false when the record lost its place. */
async function settle(
  shelf: Shelf,
  link: Link,
  staleMs: number,
): Promise<{ settled: boolean; strays: Link[] }> {
  const strays = new Map<string, Link>();
  const outcome = (settled: boolean) => ({ settled, strays: [...strays.values()] });
  const end = Date.now() + staleMs;
  for (let pause = 0; ; pause = Math.min(pause * 2 || 50, 1000)) {
    const { own, next, head } = await surroundings(shelf, link);
    const stays = next ? next.previous === link.digest : own?.digest === link.digest;
    if (!stays && own) {
      const over = own.digest === link.digest ? next?.previous : undefined;
      if (typeof over === "string") await giveWay(shelf, link, over);
      return outcome(false);
    }
    const stray = head?.sequence === link.sequence && head.digest !== link.digest;
    if (stray) strays.set(head.digest, head);
    const last = next ?? link;
    const behind = stray || head === undefined || head.sequence < last.sequence;
    if (stays && !behind) return outcome(true);
    if (Date.now() + pause > end) {
      throw new LedgerError(
        "LEDGER_UNCONFIRMED",
        `${shelf.ref(headTag(link.stream))} was written, but reads back ${head?.digest ?? "no such tag"} instead of ${last.digest}`,
        { sequence: link.sequence, expected: last.digest, found: head?.digest ?? null },
      );
    }
    // The first look after a write is taken at once.
    if (pause > 0) await after(pause);
    if (stays) await shelf.write(headTag(link.stream), last.manifest);
  }
}
