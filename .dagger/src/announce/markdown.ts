import type { ReleaseEvent } from "./event.ts";
import { eventMarker, hasLine } from "./marker.ts";

const ENTRY = /^<!-- sluice:event .* -->\r?$/m;

/**
 * A log of releases in Markdown with an event on top of those that it has, below what people wrote
 * above them. An event that it has already leaves it as it is.
 *
 * @param log the file as it is; undefined or empty for a new one
 * @param text the event's Markdown
 */
export function withEvent(log: string | undefined, event: ReleaseEvent, text: string): string {
  const before = log ?? "";
  const marker = eventMarker(event.id);
  if (hasLine(before, marker)) return before;
  const at = ENTRY.exec(before)?.index ?? before.length;
  const head = before.slice(0, at).trimEnd() || `# Releases of ${event.pipeline}`;
  const entries = before.slice(at).trimEnd();
  const all = [head, `${marker}\n${text.trim()}`, ...(entries === "" ? [] : [entries])];
  const whole = `${all.join("\n\n")}\n`;
  return before.includes("\r\n") ? whole.replace(/\r?\n/g, "\r\n") : whole;
}
