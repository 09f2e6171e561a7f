import { firstLine, SluiceError } from "../error.ts";
import type { ReadyMove } from "./planned.ts";

/**
 * Proves before any tag moves that each of them could be written: the registry has to take the
 * manifest, which it has already, under its digest. That changes nothing.
 *
 * @throws SluiceError `PROMOTION_FAILED`
 */
export async function tryWriting(moves: readonly ReadyMove[]): Promise<void> {
  const tried = await Promise.allSettled(
    moves.map(({ client, registry, service, target }) =>
      client.put(registry.repositoryOf(service).path, target.digest, target),
    ),
  );
  const errors = tried.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  if (errors.length === 0) return;
  const reason = errors.map(firstLine).join("; ");
  throw new SluiceError("PROMOTION_FAILED", `nothing is promoted, no tag was touched: ${reason}`, {
    cause: errors[0],
    hint: "see to the registry, then promote again",
  });
}
