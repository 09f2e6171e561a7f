import { firstLine, SluiceError } from "../error.ts";
import type { Announcement } from "./announcement.ts";
import type { ReleaseEvent } from "./event.ts";
import type { Sink } from "./sink.ts";

/** They are about whom to tell, and not about the event: the next one would end alike. */
const OF_SINK =
  /_(?:UNAVAILABLE|UNREACHABLE|LIMITED|UNAUTHORIZED|FORBIDDEN|NOT_FOUND|MISSING|DISABLED|LOCKED|REDIRECTED|INVALID)$/;

/** How telling one sink of one event ended. */
export interface Outcome {
  readonly told: Announcement["sinks"][string];
  /** Whether other events would fail alike. */
  readonly out: boolean;
}

/** Tells one sink of an event. Never throws. */
export async function tellSink(
  sink: Sink,
  event: ReleaseEvent,
  onProgress: (line: string) => void,
): Promise<Outcome> {
  try {
    const told = await sink.tell(event);
    if (!told) return { told: { outcome: "skipped" }, out: false };
    onProgress(`${sink.name}: ${told.what}${told.url === undefined ? "" : `: ${told.url}`}`);
    return {
      told: { outcome: "told", reason: told.what, ...(told.url && { url: told.url }) },
      out: false,
    };
  } catch (error) {
    const reason = reasonOf(error);
    onProgress(`${sink.name} could not be told, and will be by the next run: ${reason}`);
    const out = error instanceof SluiceError && OF_SINK.test(error.code);
    return { told: { outcome: "queued", reason }, out };
  }
}

/** Why somebody could not be told, and what to do: one line. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof SluiceError)) return firstLine(error);
  const next = error.hint === undefined ? "" : ` (next: ${error.hint})`;
  return `${firstLine(error)}${next}`.replace(/\s+/g, " ");
}
