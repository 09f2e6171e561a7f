import type { Link } from "./artifact.ts";
import type { Shelf } from "./shelf.ts";
import { recordTag } from "./streams.ts";

/** What there is around a record that was just written. */
export interface Surroundings {
  /** What lies under its own tag. */
  own: Link | undefined;
  next: Link | undefined;
  head: Link | undefined;
}

/** Looks at the record's tag, the one after it, and the head, all at once. */
export async function surroundings(
  shelf: Shelf,
  { stream, sequence }: Link,
): Promise<Surroundings> {
  const [own, next, head] = await Promise.all([
    shelf.record(stream, sequence),
    shelf.record(stream, sequence + 1),
    shelf.head(stream),
  ]);
  return { own, next, head };
}

/**
 * Gives a record's tag back to the one that has the place, after both were written at once.
 *
 * @param winner digest of the record that the others build upon
 */
export async function giveWay(
  shelf: Shelf,
  { stream, sequence }: Link,
  winner: string,
): Promise<void> {
  await shelf.write(recordTag(stream, sequence), await shelf.byDigest(winner));
}
