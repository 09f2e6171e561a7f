import { setTimeout as after } from "node:timers/promises";
import { type Content, type Link, linkOf, sameContent } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import type { Shelf } from "./shelf.ts";
import { headTag, recordTag } from "./streams.ts";
import { giveWay, surroundings } from "./surroundings.ts";
import { findTail, tellDisorder } from "./tail.ts";

/** How often a writer gives way to others before it gives up. */
const ROUNDS = 30;
/** A place is settled when nobody has written to it for this long, or for a multiple of a write. */
const QUIET_MS = 500;
const QUIET_WRITES = 3;

/**
 * Appends a record to a stream that others may write at the same time. A registry can't compare and
 * swap: of two who found a place free, the later write is the one that stays. So each waits for
 * longer than a write takes before it looks whose record it is, and whoever lost the place takes the
 * next one.
 *
 * Should a write take longer than that after all, its writer sees that the head has gone on without
 * it, and makes room: it writes the other's record again at the end, or its own. The same record at
 * the same place is the same bytes, whoever writes it.
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
  let settled = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const started = Date.now();
    const tail = await findTail(shelf, stream);
    const end = tail.last?.sequence ?? 0;
    from ??= end;
    if (tail.last?.digest !== tail.head?.digest && end > settled) {
      // Somebody is writing right now, or was cut off: what is there may not stay.
      if (round === 0 && since === undefined) tellDisorder(shelf, tail);
      await quiet(started);
      settled = end;
      continue;
    }
    const there = await findSame(shelf, stream, content, from, end);
    const link = there ?? linkOf(content, stream, tail.last);
    if (!there) {
      // The less time between a look and the write, the less can happen in it.
      const looked = Date.now();
      if (looked - started > QUIET_MS / 4 && (await shelf.record(stream, link.sequence))) continue;
      await shelf.write(recordTag(stream, link.sequence), link.manifest);
      await quiet(looked);
    }
    const outcome = await settle(shelf, link, staleMs);
    const strays = tail.stray ? [tail.stray, ...outcome.strays] : outcome.strays;
    for (const stray of strays) {
      if (!sameContent(stray, content)) {
        await join(shelf, stream, stray, staleMs, stray.sequence - 1);
      }
    }
    if (outcome.settled) return link;
    settled = link.sequence;
  }
  throw new LedgerError(
    "LEDGER_CONFLICT",
    `${shelf.ref(headTag(stream))}: others wrote at the same time, ${ROUNDS} times in a row`,
    { hint: "run this again when fewer runs write about the same commit" },
  );
}

async function quiet(started: number): Promise<void> {
  await after(Math.max(QUIET_MS, QUIET_WRITES * (Date.now() - started)));
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
