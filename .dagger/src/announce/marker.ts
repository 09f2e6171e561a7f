import type { ReleaseEvent } from "./event.ts";

const ABOUT = /^<!-- sluice:about (\S+) ([0-9a-f]{40}) (\S+) (.+) -->$/;

/** What a text that was told says of itself, for those who tell of the same commit later. */
export interface About {
  readonly kind: string;
  readonly commit: string;
  readonly channel: string;
  /** Of a target, or the channel itself. */
  readonly name: string;
}

/**
 * The id of an event where only plain characters may be: in a comment of Markdown, in a header.
 * Different ids stay different.
 */
export function keyOf(id: string): string {
  return id.replace(/[^A-Za-z0-9 ._:/-]|-(?=-)/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
}

/** The line by which an event is found again where it was told; people don't see it. */
export function eventMarker(id: string): string {
  return `<!-- sluice:event ${keyOf(id)} -->`;
}

/** A text with what programs find in it as its last lines. */
export function marked(text: string, event: ReleaseEvent): string {
  const { id, kind, commit, channel, target } = event;
  const about = [kind, commit, keyOf(channel).replaceAll(" ", "%20"), keyOf(target ?? channel)];
  return `${text.trimEnd()}\n\n<!-- sluice:about ${about.join(" ")} -->\n${eventMarker(id)}\n`;
}

/** Whether a text has a marker: as a line of its own, which text from outside never makes. */
export function hasLine(text: string, marker: string): boolean {
  return linesOf(text).includes(marker);
}

/** What a marked text is about; undefined for any other text. */
export function aboutOf(text: string): About | undefined {
  for (const line of linesOf(text)) {
    const [, kind, commit, channel, name] = ABOUT.exec(line) ?? [];
    if (kind !== undefined && commit !== undefined && channel !== undefined && name !== undefined) {
      return { kind, commit, channel, name };
    }
  }
  return undefined;
}

function linesOf(text: string): string[] {
  return text.split(/\r?\n/).map((line) => line.trim());
}
