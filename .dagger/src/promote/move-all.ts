import { firstLine, SluiceError } from "../error.ts";
import { heldName, shortDigest } from "../registry/digest.ts";
import { moveTag } from "../registry/move.ts";
import type { ReadyMove } from "./planned.ts";
import { type Outcome, putBack } from "./put-back.ts";

/** What moving needs besides the moves. */
export interface Moving {
  /** Asks whether this run may still write; throws `LOCK_LOST`. */
  confirm: () => Promise<void>;
  /** What has to succeed after the tags, or they are put back. */
  last: () => Promise<void>;
  /** Aborted when the tags have to come to rest soon. */
  hurry: AbortSignal;
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
  const errors = await failuresOf(
    moves.map((move) => moveOne(move, moving)),
    moving.last,
  );
  const [first] = errors;
  if (first === undefined) return undefined;
  const lost = errors.find((error) => error instanceof SluiceError && error.code === "LOCK_LOST");
  if (lost !== undefined) return { error: takenOver(moves, lost), restored: false };
  // To put back what is still ours is right even while the lock can't be asked for.
  const outcome = await putBack(moves, () => moving.confirm().catch(unlessLost));
  return { error: failed(outcome, errors), restored: outcome.restored };
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

async function moveOne(move: ReadyMove, { confirm, hurry, onProgress }: Moving): Promise<void> {
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
  await moveTag(client, path, tag, target);
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
      detail: moves
        .map(
          ({ ref, before, target }) =>
            `  ${ref}: was to move ${heldName(before?.digest)} → ${shortDigest(target.digest)}`,
        )
        .join("\n"),
      cause,
      hint: "whoever holds the lock now finishes or undoes what is left: see sluice call status",
    },
  );
}

function failed({ restored, lines }: Outcome, errors: readonly unknown[]): SluiceError {
  const reason = errors.map(firstLine).join("; ");
  const words = restored
    ? `nothing is promoted, every tag holds what it held before: ${reason}`
    : `HALF PROMOTED, some tags could not be put back: ${reason}`;
  return new SluiceError("PROMOTION_FAILED", [words, ...lines].join("\n"), {
    cause: errors[0],
    hint: restored
      ? "see to the registry, then promote again"
      : "see to the registry at once, then run sluice call recover, or the commands above",
  });
}
