import { setTimeout as after } from "node:timers/promises";
import { type Content, type Link, linkOf, sameContent } from "./artifact.ts";
import { LedgerError } from "./failure.ts";
import type { Shelf } from "./shelf.ts";
import { headTag, recordTag } from "./streams.ts";
import { giveWay, surroundings } from "./surroundings.ts";
import { findTail, tellDisorder } from "./tail.ts";

const LEAVE_TRIES = 10;

/**
 * Appends a record right after the one that its writer has seen, or not at all. The writer holds a
 * lock; this is what stops it when it was paused and somebody else took the lock over.
 *
 * @param expect digest of the last record; null for an empty stream
 * @throws LedgerError `LEDGER_CONFLICT`
 */
export async function follow(
  shelf: Shelf,
  stream: string,
  content: Content,
  expect: string | null,
  staleMs: number,
): Promise<Link> {
  const tail = await findTail(shelf, stream);
  const { last, head, stray } = tail;
  // What this writer wrote in a try whose reply was lost is no one else's.
  const again = last?.previous === expect && sameContent(last, content) ? last : undefined;
  if (!again && stray)
    throw shelf.broken(stream, stray.sequence, stray.digest, last?.digest ?? null);
  if (!again && (last?.digest ?? null) !== expect) {
    // So that whoever looks next sees what this writer did not.
    if (last && head?.digest !== last.digest) {
      tellDisorder(shelf, tail);
      await shelf.write(headTag(stream), last.manifest);
    }
    throw conflict(shelf, stream, expect, last?.digest ?? null);
  }
  const link = again ?? linkOf(content, stream, last);
  if (!again) await shelf.write(recordTag(stream, link.sequence), link.manifest);
  await settle(shelf, link, staleMs);
  return link;
}

async function settle(shelf: Shelf, link: Link, staleMs: number): Promise<void> {
  const { stream, sequence, digest, manifest } = link;
  const end = Date.now() + staleMs;
  let moved = false;
  for (let pause = 50; ; pause = Math.min(pause * 2, 1000)) {
    const { own, next, head } = await surroundings(shelf, link);
    const winner = next ? next.previous : head && head.sequence >= sequence ? head.digest : digest;
    const ours = own === undefined || own.digest === digest;
    if (next || winner !== digest || !ours) {
      await leave(shelf, link);
      throw conflict(shelf, stream, digest, (next ?? (ours ? head : own))?.digest ?? null);
    }
    if (own && head?.digest === digest) return;
    if (own && !moved) {
      await shelf.write(headTag(stream), manifest);
      moved = true;
      continue;
    }
    if (Date.now() + pause > end) {
      throw new LedgerError(
        "LEDGER_UNCONFIRMED",
        `${shelf.ref(recordTag(stream, sequence))} was written, but the ledger reads as if it was not`,
        { sequence, expected: digest, found: own?.digest ?? null },
      );
    }
    await after(pause);
  }
}

/**
 * Leaves the place to whoever has the lock now: that is the one who moved the head, or wrote on. Two
 * that are refused at once do the same, until what they see agrees.
 */
async function leave(shelf: Shelf, link: Link): Promise<void> {
  for (let trial = 0; trial < LEAVE_TRIES; trial++) {
    const { own, next, head } = await surroundings(shelf, link);
    const winner = next ? next.previous : head?.sequence === link.sequence ? head.digest : null;
    if (winner === null || own?.digest === winner) return;
    await giveWay(shelf, link, winner);
  }
}

function conflict(
  shelf: Shelf,
  stream: string,
  expected: string | null,
  found: string | null,
): LedgerError {
  return new LedgerError(
    "LEDGER_CONFLICT",
    `${shelf.ref(headTag(stream))}: expected ${expected ?? "no record"} to be the last one, got ${found ?? "none"}: somebody else has written meanwhile`,
    { expected, found, hint: "look at the history, then run this again" },
  );
}
