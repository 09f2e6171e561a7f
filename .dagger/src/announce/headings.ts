import { noteText, lineOf } from "./escape.ts";
import type { ReleaseEvent } from "./event.ts";

/** Headings that operators are expected to write, in the order in which they are printed. */
const KNOWN = [
  "Overrides",
  "Overrides for self-hosted",
  "Overrides for cloud",
  "Root cause",
  "Fix-forward plan",
  "Guardrails",
  "Follow-up",
];

/** A note, ready to be printed. */
export interface Note {
  readonly heading: string;
  readonly text: string;
}

/** An operator's note by its heading, whatever its case; undefined when there is none. */
export function noteOf(notes: ReleaseEvent["notes"], heading: string): string | undefined {
  const found = Object.entries(notes).find(([name]) => same(name, heading));
  return found === undefined ? undefined : noteText(found[1]) || undefined;
}

/** All notes but those that are printed elsewhere: the known ones first, then as they were given. */
export function notesBut(notes: ReleaseEvent["notes"], elsewhere: readonly string[]): Note[] {
  const rank = (name: string) => {
    const at = KNOWN.findIndex((known) => same(known, name));
    return at < 0 ? KNOWN.length : at;
  };
  return Object.entries(notes)
    .filter(([name]) => !elsewhere.some((other) => same(name, other)))
    .sort(([one], [other]) => rank(one) - rank(other))
    .map(([name, text]) => ({ heading: lineOf(name), text: noteText(text) }))
    .filter(({ text }) => text !== "");
}

function same(one: string, other: string): boolean {
  return one.trim().toLowerCase() === other.toLowerCase();
}
