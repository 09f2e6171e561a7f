import { lineOf } from "./escape.ts";
import type { ReleaseEvent } from "./event.ts";
import { noteOf } from "./headings.ts";
import { digestList, noticeList, notesSection, relatedList, type Besides } from "./sections.ts";
import { footerOf, headlineOf, NOTHING, rollbackStatus, versionOf } from "./wording.ts";

/** What a template is filled from. */
export interface Filling {
  readonly event: ReleaseEvent;
  readonly besides: Besides;
  /** Headings of notes that the template has a place for. */
  readonly elsewhere: readonly string[];
}

const line =
  (of: (event: ReleaseEvent) => string | undefined) =>
  ({ event }: Filling): string => {
    const text = of(event);
    return text === undefined || text === "" ? NOTHING : lineOf(text);
  };

/** What placeholders of a template stand for; what isn't known is `n/a`. */
export const placeholders: Readonly<Record<string, (filling: Filling) => string>> = {
  headline: ({ event }) => headlineOf(event),
  kind: line(({ kind }) => kind),
  pipeline: line(({ pipeline }) => pipeline),
  channel: line(({ channel }) => channel),
  target: line(({ target }) => target),
  environment: line(({ environment }) => environment),
  commit: line(({ commit }) => commit),
  shortCommit: line(({ commit }) => commit.slice(0, 12)),
  release: line(({ release }) => release),
  /** The release, or else the commit, shortened. */
  version: ({ event }) => versionOf(event),
  previousCommit: line(({ previousCommit }) => previousCommit),
  targetRelease: line(({ targetRelease }) => targetRelease),
  url: line(({ url }) => url),
  runUrl: line(({ runUrl }) => runUrl),
  at: line(({ at }) => at),
  by: line(({ by }) => by),
  reason: line(({ reason }) => reason),
  digests: ({ event }) => digestList(event) || NOTHING,
  rollbackStatus: ({ event }) => rollbackStatus(event),
  runbookUpdates: ({ event }) => noteOf(event.notes, "Runbook updates") ?? "none",
  notes: ({ event, elsewhere }) => notesSection(event, elsewhere),
  notices: ({ event, besides }) => noticeList(event, besides),
  related: ({ besides }) => relatedList(besides) || NOTHING,
  footer: ({ event }) => footerOf(event),
};
