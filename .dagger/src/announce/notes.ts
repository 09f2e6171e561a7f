import { SluiceError } from "../error.ts";

const HEADING = /^[^:\n]{1,60}$/;

/**
 * What operators add to what people are told, by heading.
 *
 * @param text a `Heading: text` each line; several of one heading become lines of it
 * @throws SluiceError `ARGUMENTS_INVALID` for a line without a heading
 */
export function notesOf(text: string | undefined): Record<string, string> {
  const notes = new Map<string, string>();
  const lines = (text ?? "").split("\n").filter((line) => line.trim() !== "");
  for (const line of lines) {
    const colon = line.indexOf(":");
    const heading = line.slice(0, Math.max(0, colon)).trim();
    const said = line.slice(colon + 1).trim();
    if (!HEADING.test(heading) || said === "") {
      throw new SluiceError(
        "ARGUMENTS_INVALID",
        `--note ${JSON.stringify(line.slice(0, 80))}: expected a heading and a text`,
        {
          hint: 'write it as --note "Follow-up: watch the queue length", each on a line of its own',
        },
      );
    }
    const before = notes.get(heading);
    notes.set(heading, before === undefined ? said : `${before}\n${said}`);
  }
  return Object.fromEntries(notes);
}
