import { firstLine, SluiceError } from "../error.ts";
import { shortDigest } from "../registry/digest.ts";
import { moveTag } from "../registry/move.ts";
import type { PlannedMove } from "./planned.ts";

/**
 * Moves tags in parallel, and reads each back. When one fails, all are put back to what they held.
 *
 * @throws SluiceError `PROMOTION_FAILED`
 */
export async function moveAll(
  moves: readonly PlannedMove[],
  onProgress: (line: string) => void,
): Promise<void> {
  await tryWriting(moves);
  const results = await Promise.allSettled(
    moves.map(async (move) => {
      const { registry, service, tag, ref, before, target } = move;
      const client = await registry.client("write");
      if (before?.digest === target.digest) {
        onProgress(`${ref} holds ${shortDigest(target.digest)} already`);
        return;
      }
      await moveTag(client, registry.repositoryOf(service).path, tag, target);
      onProgress(`${ref} moved: ${nameOf(before)} → ${shortDigest(target.digest)}`);
    }),
  );
  const failures = results.flatMap((result, index) => {
    const move = moves[index];
    return result.status === "rejected" && move ? [{ move, error: result.reason as unknown }] : [];
  });
  const [first] = failures;
  if (!first) return;
  const outcome = await putBack(moves);
  const reason = failures.map(({ error }) => firstLine(error)).join("; ");
  throw new SluiceError(
    "PROMOTION_FAILED",
    [
      outcome.restored
        ? `nothing is promoted, every tag holds what it held before: ${reason}`
        : `HALF PROMOTED, some tags could not be put back: ${reason}`,
      ...outcome.lines,
    ].join("\n"),
    {
      cause: first.error,
      hint: outcome.restored
        ? "see to the registry, then promote again"
        : "see to the registry at once, then promote again or put the tags back by hand",
    },
  );
}

/**
 * Many registries can't remove a tag, so a new one could not be taken back: before there are any,
 * each registry has to take a manifest that it has already, under its digest, which changes nothing.
 */
async function tryWriting(moves: readonly PlannedMove[]): Promise<void> {
  if (moves.every(({ before }) => before !== undefined)) return;
  const tried = await Promise.allSettled(
    moves.map(async ({ registry, service, target }) => {
      const client = await registry.client("write");
      await client.put(registry.repositoryOf(service).path, target.digest, target);
    }),
  );
  const errors = tried.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (errors.length === 0) return;
  const reason = errors.map(firstLine).join("; ");
  throw new SluiceError("PROMOTION_FAILED", `nothing is promoted, no tag was touched: ${reason}`, {
    cause: errors[0],
    hint: "see to the registry, then promote again",
  });
}

interface Outcome {
  restored: boolean;
  /** One for each tag. */
  lines: string[];
}

/** Puts tags back in reverse order, then tells what each of them holds. */
async function putBack(moves: readonly PlannedMove[]): Promise<Outcome> {
  let restored = true;
  const lines: string[] = [];
  for (const move of moves.toReversed()) {
    const wanted = nameOf(move.before);
    const now = await putOneBack(move).catch((error: unknown) => `unknown (${firstLine(error)})`);
    if (now !== wanted) restored = false;
    lines.push(`  ${move.ref}: held ${wanted}, holds ${now}`);
  }
  return { restored, lines: lines.reverse() };
}

async function putOneBack(move: PlannedMove): Promise<string> {
  const { registry, service, tag, before, target } = move;
  const client = await registry.client("write");
  const { path } = registry.repositoryOf(service);
  // What failed may have happened nevertheless: only reading tells.
  const held = await client.head(path, tag);
  // A tag that someone else has moved meanwhile is theirs.
  if (held === target.digest && held !== before?.digest) {
    if (before) await moveTag(client, path, tag, before);
    else await client.untag(path, tag);
  }
  const now = await client.head(path, tag);
  return now === undefined ? "nothing" : shortDigest(now);
}

function nameOf(manifest: PlannedMove["before"]): string {
  return manifest ? shortDigest(manifest.digest) : "nothing";
}
