import { isChange } from "../ledger/channel-state.ts";
import { channelStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import type { ReleaseEvent } from "./event.ts";
import { changeEventOf, withNotes } from "./recorded-event.ts";

/** What every event of a run says alike. */
export function eventOfRun({
  pipeline,
  operator,
  runUrl,
}: Pick<Release, "pipeline" | "operator" | "runUrl">): Pick<
  ReleaseEvent,
  "version" | "pipeline" | "at" | "by" | "runUrl"
> {
  return {
    ...{ version: 1, pipeline: pipeline.name, at: new Date().toISOString(), by: operator },
    ...(runUrl === undefined ? {} : { runUrl }),
  };
}

/** A channel's promotion or rollback that has just succeeded; undefined where none is recorded. */
export async function changeEvent(
  { ledger, runUrl }: Pick<Release, "ledger" | "runUrl">,
  channel: string,
  notes: ReleaseEvent["notes"],
): Promise<ReleaseEvent | undefined> {
  const head = await ledger.latest(channelStream(channel));
  if (!head || !isChange(head)) return undefined;
  const event = withNotes(changeEventOf(head, {}), notes);
  return runUrl === undefined ? event : { ...event, runUrl };
}

/** A promotion or rollback that failed after its gates had let it pass. */
export function failedChangeEvent(
  release: Release,
  what: { channel: string; commit: string; reason: string; notes: ReleaseEvent["notes"] },
): ReleaseEvent {
  const common = eventOfRun(release);
  return {
    ...common,
    id: `promotion-failed ${what.channel} ${what.commit.slice(0, 12)} ${common.at}`,
    kind: "promotion-failed",
    ...what,
    digests: {},
  };
}
