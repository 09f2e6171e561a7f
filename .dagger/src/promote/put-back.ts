import { firstLine } from "../error.ts";
import { shortDigest } from "../registry/digest.ts";
import { moveTag } from "../registry/move.ts";
import type { ReadyMove } from "./planned.ts";

/** What became of tags that were put back. */
export interface Outcome {
  /** Whether every tag holds what it held before. */
  restored: boolean;
  /** One for each tag: what it held, what it holds. */
  lines: string[];
}

/** Puts tags back to what they held, all at once, and tells what each of them holds now. */
export async function putBack(moves: readonly ReadyMove[]): Promise<Outcome> {
  const found = await Promise.all(
    moves.map(async (move) => {
      const wanted = move.before ? shortDigest(move.before.digest) : "nothing";
      const now = await putOneBack(move).catch((error: unknown) => `unknown (${firstLine(error)})`);
      return { restored: now === wanted, line: `  ${move.ref}: held ${wanted}, holds ${now}` };
    }),
  );
  return {
    restored: found.every(({ restored }) => restored),
    lines: found.map(({ line }) => line),
  };
}

async function putOneBack({
  client,
  registry,
  service,
  tag,
  before,
  target,
}: ReadyMove): Promise<string> {
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
