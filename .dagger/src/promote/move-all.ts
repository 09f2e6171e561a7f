import { firstLine, SluiceError } from "../error.ts";
import { heldName, shortDigest } from "../registry/digest.ts";
import { RegistryError } from "../registry/failure.ts";
import { moveTag } from "../registry/move.ts";
import type { ReadyMove } from "./planned.ts";
import { type Outcome, putBack, type Trace } from "./put-back.ts";

/** What moving needs besides the moves. */
export interface Moving {
  /** The command that sees to what is left, for messages. */
  recover: string;
  /** Asks whether this run may still write; throws `LOCK_LOST`. */
  confirm: () => Promise<void>;
  /** What has to succeed after the tags, or they are put back. */
  last: () => Promise<void>;
  /** Whether that came past what can be taken back: then the tags stay with it. */
  stays: () => boolean;
  /** Aborted when the tags have to come to rest soon. */
  hurry: AbortSignal;
  /** Whether an earlier run may have moved some of them already. */
  resumed: boolean;
  onProgress: (line: string) => void;
}

/** How moving ended, when it did not succeed. */
export interface MoveFailure {
  error: SluiceError;
  /** Whether every tag that was ours to put back holds what it held. */
  restored: boolean;
}

/**
 * Moves tags in parallel, and reads each back. When one fails, all are put back to what they held,
 * unless another run has taken over: then nothing more is written.
 */
export async function moveAll(
  moves: readonly ReadyMove[],
  moving: Moving,
): Promise<MoveFailure | undefined> {
  const traces = new Map<ReadyMove, Trace>();
  const errors = await failuresOf(
    moves.map((move) => moveOne(move, moving, (trace) => traces.set(move, trace))),
    moving.last,
  );
  const [first] = errors;
  if (first === undefined) return undefined;
  const lost = errors.find(isTakenOver);
  if (lost !== undefined) return { error: takenOver(moves, lost), restored: false };
  if (moving.stays()) return { error: unrecorded(moves, first, moving), restored: false };
  // To put back what is still ours is right even while the lock can't be asked for.
  const outcome = await putBack(
    moves,
    () => moving.confirm().catch(unlessLost),
    (move) => traces.get(move) ?? (moving.resumed ? "written" : "untouched"),
  );
  return { error: failed(outcome, errors, moving), restored: outcome.restored };
}

/** Whether another run holds the lock by now, or has written to the ledger since. */
function isTakenOver(error: unknown): boolean {
  return error instanceof SluiceError && ["LOCK_LOST", "LEDGER_CONFLICT"].includes(error.code);
}

function unlessLost(error: unknown): void {
  if (error instanceof SluiceError && error.code === "LOCK_UNAVAILABLE") return;
  throw error;
}

/** Why things failed; `last` is done only if nothing did. */
async function failuresOf(
  all: readonly Promise<void>[],
  last: () => Promise<void>,
): Promise<unknown[]> {
  const settled = await Promise.allSettled(all);
  const errors = settled.flatMap((one) =>
    one.status === "rejected" ? [one.reason as unknown] : [],
  );
  if (errors.length > 0) return errors;
  return last().then(
    () => [],
    (error: unknown) => [error],
  );
}

async function moveOne(
  move: ReadyMove,
  { confirm, hurry, onProgress }: Moving,
  leave: (trace: Trace) => void,
): Promise<void> {
  const { registry, service, tag, ref, before, target } = move;
  const { path } = registry.repositoryOf(service);
  const client = move.client.until(hurry);
  const held = await client.head(path, tag);
  if (held === target.digest) {
    onProgress(`${ref} holds ${shortDigest(target.digest)} already`);
    return;
  }
  if (held !== before?.digest) throw movedByAnother(ref, before?.digest, held);
  await confirm();
  leave("written");
  await moveTag(client, path, tag, target).catch((error: unknown) => {
    if (error instanceof RegistryError && error.code === "TAG_UNCONFIRMED") leave("unconfirmed");
    throw error;
  });
  onProgress(`${ref} moved: ${heldName(held)} → ${shortDigest(target.digest)}`);
}

function movedByAnother(ref: string, expected: string | undefined, found: string | undefined) {
  return new SluiceError(
    "TAG_CONFLICT",
    `${ref}: expected ${heldName(expected)}, found ${heldName(found)}: someone else moved it`,
    { hint: "find out who moves this tag, then promote again" },
  );
}

function takenOver(moves: readonly ReadyMove[], cause: unknown): SluiceError {
  return new SluiceError(
    "PROMOTION_FAILED",
    `stopped, nothing more is written: ${firstLine(cause)}`,
    {
      detail: told(moves, "was to move"),
      cause,
      hint: "whoever holds the lock now finishes or undoes what is left: see sluice call status",
    },
  );
}

function unrecorded(moves: readonly ReadyMove[], cause: unknown, { recover }: Moving): SluiceError {
  return new SluiceError(
    "PROMOTION_FAILED",
    `everything moved, and stays, but the ledger does not know that it is finished: ${firstLine(cause)}`,
    {
      detail: told(moves, "moved"),
      cause,
      hint: `see to the ledger's registry, then run ${recover}: it records what is there`,
    },
  );
}

function told(moves: readonly ReadyMove[], verb: string): string {
  const lines = moves.map(
    ({ ref, before, target }) =>
      `  ${ref}: ${verb} ${heldName(before?.digest)} → ${shortDigest(target.digest)}`,
  );
  return lines.join("\n");
}

function failed(
  { restored, lines }: Outcome,
  errors: readonly unknown[],
  { recover }: Moving,
): SluiceError {
  const reason = errors.map(firstLine).join("; ");
  const words = restored
    ? `nothing is promoted, every tag holds what it held before: ${reason}`
    : `HALF PROMOTED, some tags could not be put back: ${reason}`;
  return new SluiceError("PROMOTION_FAILED", [words, ...lines].join("\n"), {
    cause: errors[0],
    hint: restored
      ? "see to the registry, then promote again"
      : `see to the registry at once, then run ${recover}, or the commands above`,
  });
}
