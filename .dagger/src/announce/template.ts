import { SluiceError } from "../error.ts";
import type { ReleaseEvent } from "./event.ts";
import type { Besides } from "./sections.ts";
import { noteOf } from "./headings.ts";
import { placeholders, type Filling } from "./placeholders.ts";
import { notesSection } from "./sections.ts";
import { footerOf, NOTHING } from "./wording.ts";

/** As much as makes a comment; characters. */
const TEMPLATE_MAX = 30_000;
const PLACEHOLDER = /\{\{\s*([^{}\n]*?)\s*\}\}/g;
const NOTE = /^note:\s*(\S.*)$/;
/** Placeholders that print a note. */
const HEADINGS: Readonly<Record<string, string | undefined>> = {
  rollbackStatus: "Rollback status",
  runbookUpdates: "Runbook updates",
};

/** A Markdown file with placeholders, all of which are known. */
export interface Template {
  readonly text: string;
  /** Headings of notes that have a place of their own. */
  readonly headings: readonly string[];
  /** Names of placeholders. */
  readonly names: readonly string[];
}

/**
 * Reads a template: Markdown with `{{placeholders}}`. `{{note:Root cause}}` is the note of that
 * heading.
 *
 * @param file its path, for messages
 * @throws SluiceError `TEMPLATE_INVALID` with every unknown placeholder and its line
 */
export function parseTemplate(text: string, file: string): Template {
  const faults = faultsOf(text).map((fault) => `${file}:${fault}`);
  if (text.length > TEMPLATE_MAX) {
    faults.push(`${file}: expected at most ${TEMPLATE_MAX} characters, got ${text.length}`);
  }
  if (faults.length > 0) {
    const known = [...Object.keys(placeholders), "note:<heading>"].join(", ");
    throw new SluiceError("TEMPLATE_INVALID", faults.join("\n"), {
      hint: `use these placeholders: ${known}`,
    });
  }
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = ""]) => name);
  return {
    text,
    headings: names.flatMap((name) => HEADINGS[name] ?? NOTE.exec(name)?.[1] ?? []),
    names,
  };
}

/**
 * A template's text for an event. Notes without a place come after it, and so does the footer:
 * neither is lost.
 */
export function fillTemplate(template: Template, event: ReleaseEvent, besides: Besides): string {
  const filling: Filling = { event, besides, elsewhere: template.headings };
  const text = template.text.replace(PLACEHOLDER, (_, name: string) => valueOf(name, filling));
  const lost = template.names.includes("notes") ? "" : notesSection(event, template.headings);
  const footer = template.names.includes("footer") ? "" : `---\n_${footerOf(event)}_`;
  return [text.trimEnd(), lost, footer].filter((part) => part !== "").join("\n\n");
}

function valueOf(name: string, filling: Filling): string {
  const heading = NOTE.exec(name)?.[1];
  if (heading !== undefined) return noteOf(filling.event.notes, heading) ?? NOTHING;
  return placeholders[name]?.(filling) ?? NOTHING;
}

function faultsOf(text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const unknown = [...line.matchAll(PLACEHOLDER)]
      .map(([, name = ""]) => name)
      .filter((name) => !Object.hasOwn(placeholders, name) && !NOTE.test(name))
      .map((name) => `${index + 1}: unknown placeholder {{${name}}}`);
    return line.replace(PLACEHOLDER, "").includes("{{")
      ? [...unknown, `${index + 1}: a placeholder does not end: expected }} on the same line`]
      : unknown;
  });
}
