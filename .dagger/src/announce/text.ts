import { lineOf } from "./escape.ts";
import type { ReleaseEvent } from "./event.ts";
import { noteOf } from "./headings.ts";
import {
  digestList,
  inItem,
  listInItem,
  noticeList,
  notesSection,
  relatedList,
  section,
  type Besides,
} from "./sections.ts";
import { fillTemplate, type Template } from "./template.ts";
import { footerOf, headlineOf, NOTHING, rollbackStatus } from "./wording.ts";

/** GitHub takes 65,536 characters; marks for programs come on top. */
const TEXT_MAX = 60_000;
/** Notes that are lines of the list of facts. */
const IN_FACTS = ["Validation", "Rollback status", "Runbook updates"];

/** How an event is put into words. */
export interface TextOptions extends Besides {
  /** Undefined: the built-in text. */
  readonly template?: Template | undefined;
}

/** An event as Markdown, without marks for programs. What comes from outside is shown as it is. */
export function releaseText(event: ReleaseEvent, options: TextOptions = {}): string {
  const { template } = options;
  const text = template ? fillTemplate(template, event, options) : builtIn(event, options);
  if (text.length <= TEXT_MAX) return text;
  const cut = text.slice(0, TEXT_MAX).replace(/\n[^\n]*$/, "");
  return `${cut}\n\n… (shortened)\n\n---\n_${footerOf(event)}_`;
}

function builtIn(event: ReleaseEvent, besides: Besides): string {
  return [
    `## ${headlineOf(event)}`,
    factsOf(event).join("\n"),
    section("Related updates", relatedList(besides)),
    notesSection(event, IN_FACTS),
    section("Reminders", noticeList(event, besides)),
    `---\n_${footerOf(event)}_`,
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

function factsOf(event: ReleaseEvent): string[] {
  const { commit, release, targetRelease, previousCommit, url, reason } = event;
  return [
    // A whole commit that isn't code becomes a link to it on GitHub.
    ...fact(labelOf(event), release === undefined ? commit : `${lineOf(release)} (${commit})`),
    ...fact("Previous commit", previousCommit),
    ...fact("Channel", event.kind === "merged" ? undefined : lineOf(event.channel)),
    ...fact("Target", targetOf(event)),
    ...fact("URL", url && lineOf(url)),
    ...fact("Release ID", event.target && lineOf(targetRelease ?? NOTHING)),
    ...fact("Reason", reason && lineOf(reason)),
    ...fact("Validation", validationOf(event)),
    ...fact("Rollback status", inItem(rollbackStatus(event))),
    ...fact("Runbook updates", inItem(noteOf(event.notes, "Runbook updates") ?? "none")),
    ...fact("Digests", listInItem(digestList(event))),
    ...fact("By", lineOf(event.by)),
  ];
}

function fact(name: string, value: string | undefined): string[] {
  if (value === undefined || value === "") return [];
  return [`- ${name}:${value.startsWith("\n") ? "" : " "}${value}`];
}

function labelOf({ kind }: ReleaseEvent): string {
  switch (kind) {
    case "deployed":
    case "taken-back":
      return "Deployed commit/tag";
    case "promoted":
    case "rolled-back":
      return "Promoted commit/tag";
    default:
      return "Commit/tag";
  }
}

function targetOf({ target, environment }: ReleaseEvent): string | undefined {
  if (target === undefined) return undefined;
  return environment === undefined || environment === target
    ? lineOf(target)
    : `${lineOf(target)} (${lineOf(environment)})`;
}

/** The run that validated it, and what an operator says of it. */
function validationOf({ runUrl, notes }: ReleaseEvent): string {
  const said = noteOf(notes, "Validation");
  const parts = [runUrl && lineOf(runUrl), said && inItem(said)];
  return parts.filter((part) => part !== undefined && part !== "").join("; ") || NOTHING;
}
