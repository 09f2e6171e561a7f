/**
 * A comment that Markdown doesn't show, by which a text of Sluice's is found again.
 *
 * @param kind `failing`, `event`
 * @param names what it is about; nothing in them ends the comment
 */
export function markerOf(kind: string, ...names: readonly string[]): string {
  const words = names.map((name) => encodeURIComponent(name).replaceAll("--", "%2D%2D"));
  return `<!-- sluice:${[kind, ...words].join(" ")} -->`;
}

/** An event that a text tells of. */
export interface Mentioned {
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Marks the text that tells of an event. */
export function eventMarker({ id, at }: { id: string; at: string }): string {
  return markerOf("event", id, at);
}

/** The events that a text is marked with. */
export function mentionedIn(text: string): Mentioned[] {
  return [...text.matchAll(/<!-- sluice:event (\S+) (\S+) -->/g)].flatMap(([, id, at]) => {
    try {
      return [{ id: decodeURIComponent(id ?? ""), at: Date.parse(decodeURIComponent(at ?? "")) }];
    } catch {
      return [];
    }
  });
}
