import { placesOf } from "../deploy/place.ts";
import { isDeployment } from "../deploy/target-state.ts";
import { isChange } from "../ledger/channel-state.ts";
import { channelStream } from "../ledger/streams.ts";
import { channelNamed } from "../promote/channel.ts";
import type { Release } from "../release.ts";
import { preview } from "./announce.ts";
import type { Announcement } from "./announcement.ts";
import type { ReleaseEvent } from "./event.ts";
import { changeEventOf, deploymentEventOf, withNotes } from "./recorded-event.ts";
import { sinksOf } from "./sinks.ts";
import { tell, tellQueued } from "./tell.ts";

/** What to tell of a channel. */
export interface AnnouncementWanted {
  channel: string;
  dryRun: boolean;
  notes: ReleaseEvent["notes"];
}

/**
 * Tells people of a channel's last promotion or rollback, and of the last deployment to each of its
 * targets; first what could not be told before. Answers lines that say who was told what.
 */
export async function announceChannel(
  release: Release,
  { channel, dryRun, notes }: AnnouncementWanted,
  onProgress: (line: string) => void,
): Promise<string> {
  const { name } = channelNamed(release.pipeline, channel);
  const events = (await lastEvents(release, name)).map((event) => ({
    ...withNotes(event, notes),
    ...(release.runUrl === undefined ? {} : { runUrl: release.runUrl }),
  }));
  if (events.length === 0) return `nothing was promoted to ${name} yet\n`;
  if (dryRun) return previews(release, events);
  const sinks = await sinksOf(release, onProgress);
  const told = await tellQueued(release, name, sinks, onProgress);
  for (const event of events) {
    const announcement = await tell(release, event, onProgress);
    if (announcement) told.push(announcement);
  }
  return told.length === 0
    ? "nobody is told: the pipeline file has no announcements\n"
    : `${told.flatMap(lines).join("\n")}\n`;
}

/** The exact texts that everybody would be told. */
export async function previews(release: Release, events: readonly ReleaseEvent[]): Promise<string> {
  const sinks = await sinksOf(release);
  const texts = await Promise.all(
    events.map(async (event) =>
      Object.entries(await preview(event, sinks)).map(
        ([sink, text]) => `--- ${sink}: ${event.id}\n${text}`,
      ),
    ),
  );
  return texts.flat().length === 0 ? "nobody would be told\n" : `${texts.flat().join("\n")}\n`;
}

/** Who was told of an event, a line each. */
export function lines({ event, sinks }: Announcement): string[] {
  return Object.entries(sinks).flatMap(([name, { outcome, url, reason }]) => {
    if (outcome === "skipped") return [];
    const said = [reason, url].filter((part) => part !== undefined).join(" ");
    return [`${outcome === "told" ? "✔" : "… queued:"} ${event.kind}, ${name}: ${said}`];
  });
}

async function lastEvents(release: Release, channel: string): Promise<ReleaseEvent[]> {
  const { ledger, pipeline } = release;
  const [head, ...deployed] = await Promise.all([
    ledger.latest(channelStream(channel)),
    ...placesOf(pipeline, channel).map(({ stream }) => ledger.latest(stream)),
  ]);
  return [
    ...(head && isChange(head) && head.record.state !== "started" ? [changeEventOf(head, {})] : []),
    ...deployed.flatMap((entry) =>
      entry && isDeployment(entry) && entry.record.outcome !== "started"
        ? [deploymentEventOf(entry, {})]
        : [],
    ),
  ];
}
