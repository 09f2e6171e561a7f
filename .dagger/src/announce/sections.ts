import { lineOf, noteText } from "./escape.ts";
import type { ReleaseEvent } from "./event.ts";
import { notesBut } from "./headings.ts";
import { isSuccess } from "./wording.ts";

/** Something that was told of the same commit before. */
export interface Related {
  /** `live: deployed` */
  readonly what: string;
  readonly url: string;
}

/** What a text says besides its event. */
export interface Besides {
  /** Lines of the pipeline file that operators are reminded of after a success. */
  readonly notices?: readonly string[] | undefined;
  readonly related?: readonly Related[] | undefined;
}

/** Digest by service. */
export function digestList({ digests }: ReleaseEvent): string {
  return Object.entries(digests)
    .map(([service, digest]) => `- ${lineOf(service)}: \`${digest}\``)
    .join("\n");
}

/** The notes that aren't printed elsewhere, each under its heading. */
export function notesSection(event: ReleaseEvent, elsewhere: readonly string[]): string {
  return notesBut(event.notes, elsewhere)
    .map(({ heading, text }) => `### ${heading}\n\n${text}`)
    .join("\n\n");
}

/** What operators are reminded of; empty for what is no success. */
export function noticeList(event: ReleaseEvent, { notices = [] }: Besides): string {
  return isSuccess(event) ? notices.map((notice) => `- ${noteText(notice)}`).join("\n") : "";
}

/** What was told of the same commit before. */
export function relatedList({ related = [] }: Besides): string {
  return related.map(({ what, url }) => `- ${lineOf(what)}: ${lineOf(url)}`).join("\n");
}

/** A list under a heading; empty for an empty one. */
export function section(heading: string, list: string): string {
  return list === "" ? "" : `### ${heading}\n\n${list}`;
}

/** Text as a part of a list's item; several lines of it become lines of their own. */
export function inItem(text: string): string {
  return text.includes("\n") ? listInItem(text) : text;
}

/** The same for a list, even one of a single line. */
export function listInItem(list: string): string {
  return list === "" ? "" : `\n${list}`.replaceAll("\n", "\n  ");
}
