import type { Announcement } from "./announcement.ts";
import type { ReleaseEvent } from "./event.ts";
import type { Sink } from "./sink.ts";
import { reasonOf, tellSink } from "./tell-sink.ts";

/**
 * Tells everybody of an event, all at once. Who can't be told is `queued`, with the reason: nothing
 * is thrown, as what the event is about stands.
 */
export async function announce(
  event: ReleaseEvent,
  sinks: readonly Sink[],
  onProgress: (line: string) => void,
): Promise<Announcement> {
  const told = await Promise.all(
    sinks.map(async (sink) => [sink.name, (await tellSink(sink, event, onProgress)).told]),
  );
  return { event, sinks: Object.fromEntries(told) as Announcement["sinks"] };
}

/**
 * Tells again what is still queued, the oldest event first: people read it in that order. A sink
 * that is out of order is left alone after its first failure, and one that isn't there stays
 * queued.
 *
 * @param announcements oldest first; of one event the newest word on each sink counts
 * @returns those of which somebody was told now, whole
 */
export async function retryQueued(
  announcements: readonly Announcement[],
  sinks: readonly Sink[],
  onProgress: (line: string) => void,
): Promise<Announcement[]> {
  const latest = byEvent(announcements);
  const changed = new Set<Announcement>();
  await Promise.all(
    sinks.map(async (sink) => {
      for (const announcement of latest) {
        if (announcement.sinks[sink.name]?.outcome !== "queued") continue;
        const { told, out } = await tellSink(sink, announcement.event, onProgress);
        announcement.sinks[sink.name] = told;
        if (told.outcome !== "queued") changed.add(announcement);
        if (out) return;
      }
    }),
  );
  return latest.filter((announcement) => changed.has(announcement));
}

/** What is known of each event; copies, oldest event first. */
function byEvent(announcements: readonly Announcement[]): Announcement[] {
  const known = new Map<string, Announcement>();
  for (const { event, sinks } of announcements) {
    const before = known.get(event.id);
    known.set(event.id, { event, sinks: { ...before?.sinks, ...sinks } });
  }
  return [...known.values()].sort((one, other) => one.event.at.localeCompare(other.event.at));
}

/** The exact texts that sinks would be told, by their names; without those that don't care. */
export async function preview(
  event: ReleaseEvent,
  sinks: readonly Sink[],
): Promise<Record<string, string>> {
  const texts = await Promise.all(
    sinks.map(async (sink) => [sink.name, await previewOf(sink, event)] as const),
  );
  return Object.fromEntries(
    texts.flatMap(([name, text]) => (text === undefined ? [] : [[name, text]])),
  );
}

async function previewOf(sink: Sink, event: ReleaseEvent): Promise<string | undefined> {
  try {
    return await sink.preview(event);
  } catch (error) {
    return `would not be told now: ${reasonOf(error)}`;
  }
}
