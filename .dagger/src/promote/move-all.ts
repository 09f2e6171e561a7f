import { firstLine, SluiceError } from "../error.ts";
import { shortDigest } from "../registry/digest.ts";
import { moveTag } from "../registry/move.ts";
import type { PlannedMove, ReadyMove } from "./planned.ts";
import { putBack } from "./put-back.ts";
import { tryWriting } from "./try-writing.ts";
import { uninterrupted } from "./uninterrupted.ts";

/**
 * Moves tags in parallel, and reads each back. When one fails, all are put back to what they held.
 * When the process is asked to end meanwhile, it comes to one of these two ends first.
 *
 * @throws SluiceError `PROMOTION_FAILED`
 */
export async function moveAll(
  moves: readonly PlannedMove[],
  onProgress: (line: string) => void,
): Promise<void> {
  const ready = await Promise.all(
    moves.map(async (move) => ({ ...move, client: await move.registry.client("write") })),
  );
  await tryWriting(ready);
  await uninterrupted(
    async (hurry) => {
      const errors = await moveOrFail(ready, hurry, onProgress);
      if (errors.length === 0) return;
      const failed = await failure(ready, errors);
      // Whoever asked to stop hears nothing but progress.
      if (hurry.aborted) onProgress(failed.message);
      throw failed;
    },
    () => onProgress("asked to stop while tags move: they are all moved, or all put back, first"),
  );
}

/** Moves every tag; answers why those that failed did. */
async function moveOrFail(
  moves: readonly ReadyMove[],
  hurry: AbortSignal,
  onProgress: (line: string) => void,
): Promise<unknown[]> {
  const results = await Promise.allSettled(
    moves.map(async ({ client, registry, service, tag, ref, before, target }) => {
      if (before?.digest === target.digest) {
        onProgress(`${ref} holds ${shortDigest(target.digest)} already`);
        return;
      }
      const { path } = registry.repositoryOf(service);
      await moveTag(client.until(hurry), path, tag, target);
      const held = before ? shortDigest(before.digest) : "nothing";
      onProgress(`${ref} moved: ${held} → ${shortDigest(target.digest)}`);
    }),
  );
  return results.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
}

async function failure(
  moves: readonly ReadyMove[],
  errors: readonly unknown[],
): Promise<SluiceError> {
  const { restored, lines } = await putBack(moves);
  const reason = errors.map(firstLine).join("; ");
  const words = restored
    ? `nothing is promoted, every tag holds what it held before: ${reason}`
    : `HALF PROMOTED, some tags could not be put back: ${reason}`;
  return new SluiceError("PROMOTION_FAILED", [words, ...lines].join("\n"), {
    cause: errors[0],
    hint: restored
      ? "see to the registry, then promote again"
      : "see to the registry at once, then promote again or put the tags back by hand",
  });
}
