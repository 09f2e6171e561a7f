import { firstLine } from "../error.ts";
import type { AnnouncementRecord, Entry } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { toldStream } from "../ledger/streams.ts";
import type { Release } from "../release.ts";
import { announce, retryQueued } from "./announce.ts";
import type { Announcement } from "./announcement.ts";
import type { ReleaseEvent } from "./event.ts";
import type { Sink } from "./sink.ts";
import { sinksOf } from "./sinks.ts";

/** As far back as what could not be told is looked for. */
const REMEMBERED = 50;

/**
 * Tells everybody of an event, and first what could not be told before. Who can't be reached now is
 * written down in the ledger, and told by the next run. Never throws: whatever the event is about
 * stands.
 *
 * @returns null where nobody is to be told
 */
export async function tell(
  release: Release,
  event: ReleaseEvent,
  onProgress: (line: string) => void,
): Promise<Announcement | null> {
  try {
    const sinks = await sinksOf(release, onProgress);
    if (sinks.length === 0) return null;
    await tellQueued(release, event.channel, sinks, onProgress);
    const announcement = await announce(event, sinks, onProgress);
    if (isQueued(announcement)) await remember(release, announcement);
    return announcement;
  } catch (error) {
    onProgress(`people could not be told: ${firstLine(error)}`);
    return null;
  }
}

/** Tells what could not be told before. Answers what was tried again. */
export async function tellQueued(
  release: Release,
  channel: string,
  sinks: readonly Sink[],
  onProgress: (line: string) => void,
): Promise<Announcement[]> {
  const entries = await release.ledger.history(toldStream(channel), { limit: REMEMBERED });
  const known = entries
    .filter(isAnnouncement)
    .map(({ record }) => record.announcement)
    .toReversed();
  // The newest word on each event counts; retrying looks at that.
  if (!known.some(isQueued)) return [];
  const retried = await retryQueued(known, sinks, onProgress);
  for (const announcement of retried) await remember(release, announcement);
  return retried;
}

async function remember(release: Release, announcement: Announcement): Promise<void> {
  const { channel, commit } = announcement.event;
  await release.ledger.append(toldStream(channel), {
    ...stamp(release),
    ...{ kind: "announcement", channel, commit, announcement },
  });
}

function isQueued({ sinks }: Announcement): boolean {
  return Object.values(sinks).some(({ outcome }) => outcome === "queued");
}

function isAnnouncement(entry: Entry): entry is Entry<AnnouncementRecord> {
  return entry.record.kind === "announcement";
}
