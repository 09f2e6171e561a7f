import { SluiceError } from "../error.ts";
import type { ChangeRecord, Entry } from "../ledger/model.ts";
import type { Release } from "../release.ts";
import type { Journal } from "./journal.ts";
import { recordedMoves } from "./moves.ts";
import { ready, type ReadyMove } from "./planned.ts";
import { putBack } from "./put-back.ts";

/**
 * Brings a change to rest that an earlier run began and did not end. When everything arrived, it
 * is recorded as finished; else every tag is put back to what it held. Answers what it did, in a line.
 *
 * @param confirm asks whether this run may still write; throws when not
 * @throws SluiceError `PROMOTION_INTERRUPTED` when some can't be put back
 */
export async function recover(
  release: Pick<Release, "pipeline" | "registries" | "remote">,
  entry: Entry<ChangeRecord>,
  journal: Journal,
  confirm: () => Promise<void>,
): Promise<string> {
  const what = interruptedName(entry);
  const moves = await ready(await recordedMoves(release, entry.record));
  if ((await allArrived(moves)) && (await branchArrived(release, entry.record))) {
    await journal.close(entry, "finished");
    return `${what} had moved every tag; it is recorded as finished`;
  }
  const { restored, lines } = await putBack(moves, confirm);
  if (!restored) {
    throw new SluiceError("PROMOTION_INTERRUPTED", `${what} can't be undone`, {
      detail: lines.join("\n"),
      hint: `see to the registry, then run sluice call recover --channel ${entry.record.channel}, or the commands above`,
    });
  }
  await journal.close(entry, "undone");
  return `${what} is undone: every tag holds what it held before`;
}

/** An interrupted change for people, as the beginning of a sentence. */
export function interruptedName({ record }: Entry<ChangeRecord>): string {
  const { kind, commit, channel, at, by } = record;
  return `the ${kind} of ${commit.slice(0, 12)} to ${channel} that ${by} began at ${at} and that was cut off`;
}

async function allArrived(moves: readonly ReadyMove[]): Promise<boolean> {
  const held = await Promise.all(
    moves.map(({ client, registry, service, tag }) =>
      client.head(registry.repositoryOf(service).path, tag),
    ),
  );
  return moves.every(({ target }, index) => held[index] === target.digest);
}

async function branchArrived(
  release: Pick<Release, "remote">,
  { branch }: Pick<ChangeRecord, "branch">,
): Promise<boolean> {
  if (!branch) return true;
  const remote = await release.remote();
  return (await remote?.history.branch(branch.name)) === branch.to;
}
