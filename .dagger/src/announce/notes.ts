import { SluiceError } from "../error.ts";

const HEADING = /^[^:\n]{1,60}$/;

/**
 * What operators add to what people are told, by heading.
 *
 * @param lines `Heading: text`; several of one heading become lines of it
 * @throws SluiceError `ARGUMENTS_INVALID` for a note without a heading
 */
export function notesOf(lines: readonly string[]): Record<string, string> {
  const notes = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const heading = line.slice(0, Math.max(0, colon)).trim();
    const text = line.slice(colon + 1).trim();
    if (!HEADING.test(heading) || text === "") {
      throw new SluiceError(
        "ARGUMENTS_INVALID",
        `--note ${JSON.stringify(line.slice(0, 80))}: expected a heading and a text`,
        { hint: 'write it as --note "Follow-up: watch the queue length"' },
      );
    }
    const before = notes.get(heading);
    notes.set(heading, before === undefined ? text : `${before}\n${text}`);
  }
  return Object.fromEntries(notes);
}
