import { lineOf } from "../announce/escape.ts";
import type { ReleaseEvent } from "../announce/event.ts";
import { notesBut } from "../announce/headings.ts";
import { eventMarker } from "../announce/marker.ts";
import { headlineOf } from "../announce/wording.ts";
import { markerOf } from "./marker.ts";
import { webUrl } from "./web-url.ts";

/** GitHub takes 65536 characters; the markers need some. */
const MAX_TEXT = 60_000;
const AT = /^<!-- sluice:at (\S+) -->\r?$/gm;

/** The issue that a channel's failures are told in. */
export function issueTitle({ pipeline, channel }: ReleaseEvent): string {
  return `Releases of ${pipeline} to ${channel} fail`;
}

/** By it the issue of a channel is found. */
export function issueMarker({ pipeline, channel }: ReleaseEvent): string {
  return markerOf("failing", pipeline, channel);
}

/** What an issue begins with when there is none yet. */
export function issueBody(event: ReleaseEvent): string {
  return `${eventText(event)}\n${issueMarker(event)}`;
}

/** What is said of an event, and the lines that tell Sluice which it was, and when. */
export function eventText(event: ReleaseEvent): string {
  const { reason, notes, at, id } = event;
  const text = [
    `**${headlineOf(event)}**`,
    ...(reason === undefined ? [] : [lineOf(reason)]),
    factsOf(event).join("\n"),
    ...notesBut(notes, []).map((note) => `### ${note.heading}\n\n${note.text}`),
  ].join("\n\n");
  return [text.slice(0, MAX_TEXT), "", markerOf("at", at), eventMarker(id)].join("\n");
}

/** When the events happened that a text tells of; milliseconds since 1970. */
export function timesIn(text: string): number[] {
  return [...text.matchAll(AT)].map(([, at]) => Date.parse(at ?? ""));
}

function factsOf({ commit, runUrl, url, at, by }: ReleaseEvent): string[] {
  const run = webUrl(runUrl);
  const target = webUrl(url);
  return [
    `- Commit: \`${commit}\``,
    ...(run === undefined ? [] : [`- Run, with logs and report: <${run}>`]),
    ...(target === undefined ? [] : [`- Where it shows: <${target}>`]),
    `- At: ${at}, by ${lineOf(by)}`,
  ];
}
