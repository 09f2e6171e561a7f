import { createHash } from "node:crypto";
import type { ChangeRecord, DeploymentRecord, Entry } from "../ledger/model.ts";
import type { ReleaseEvent } from "./event.ts";

type Notes = ReleaseEvent["notes"];

/** The event of a promotion or rollback, as the ledger has it. */
export function changeEventOf(
  { record, sequence }: Entry<ChangeRecord>,
  notes: Notes,
): ReleaseEvent {
  const { kind, channel, commit, release, moves, held, reason, at, by, pipeline } = record;
  const done = kind === "promotion" ? "promoted" : "rolled-back";
  return {
    ...{ version: 1, pipeline, at, by, channel, commit, notes },
    id: `${kind} ${channel} ${sequence}`,
    kind: record.state === "finished" ? done : "promotion-failed",
    ...(release === undefined ? {} : { release }),
    ...(held ? { previousCommit: held.commit } : {}),
    ...(reason === undefined ? {} : { reason }),
    digests: Object.fromEntries(moves.map(({ service, to }) => [service, to])),
  };
}

/** The event of a deployment's end, as the ledger has it. */
export function deploymentEventOf(
  { record, sequence }: Entry<DeploymentRecord>,
  notes: Notes,
): ReleaseEvent {
  const { channel, target, environment, commit, release, digests, outcome, cause } = record;
  const { targetRelease, url, reason, held, at, by, pipeline } = record;
  const good = cause === "rollback" ? "taken-back" : "deployed";
  const kind = outcome === "succeeded" ? good : "deployment-failed";
  return {
    ...{ version: 1, pipeline, at, by, channel, target, environment, commit, digests, notes, kind },
    // The number is that of its beginning, the record before.
    id: `deployment ${target} ${sequence - 1} ${kind}`,
    ...(release === undefined ? {} : { release }),
    ...(targetRelease === undefined ? {} : { targetRelease }),
    ...(url === undefined ? {} : { url }),
    ...(reason === "" ? {} : { reason }),
    ...(held ? { previousCommit: held.commit } : {}),
  };
}

/** The same event with more to say: what was told of it before is told again, with that. */
export function withNotes(event: ReleaseEvent, notes: Notes): ReleaseEvent {
  if (Object.keys(notes).length === 0) return event;
  const mark = createHash("sha256").update(JSON.stringify(notes)).digest("hex").slice(0, 12);
  // Without a space: what came before the last one is what the event is about.
  return { ...event, id: `${event.id}+${mark}`, notes };
}
