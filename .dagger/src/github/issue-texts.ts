import type { ReleaseEvent } from "../announce/event.ts";
import { short } from "../git/refs.ts";
import { eventMarker, markerOf } from "./marker.ts";
import { webUrl } from "./web-url.ts";

/** GitHub takes 65536 characters; the markers need some. */
const MAX_TEXT = 60_000;

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

/** What is said of an event. Names and reasons are code: nobody is mentioned by them. */
export function eventText(event: ReleaseEvent): string {
  const parts = [
    `**${headline(event)}**`,
    ...(event.reason === undefined ? [] : [fenced(event.reason)]),
    factsOf(event).join("\n"),
    ...Object.entries(event.notes).map(([heading, text]) => `### ${heading}\n\n${text}`),
  ];
  return `${parts.join("\n\n").slice(0, MAX_TEXT)}\n\n${eventMarker(event)}`;
}

function headline({ kind, channel, target, commit, release }: ReleaseEvent): string {
  const what = code(release ?? short(commit));
  const to = code(target ?? channel);
  switch (kind) {
    case "promotion-failed":
      return `The promotion of ${what} to ${code(channel)} failed.`;
    case "deployment-failed":
      return `The deployment of ${what} to ${to} failed.`;
    case "promoted":
      return `${what} was promoted to ${code(channel)}.`;
    case "rolled-back":
      return `${code(channel)} was rolled back to ${what}.`;
    case "deployed":
      return `${what} was deployed to ${to}.`;
    default:
      return `${what}: ${kind}`;
  }
}

function factsOf({ commit, runUrl, url, at, by }: ReleaseEvent): string[] {
  const run = webUrl(runUrl);
  const target = webUrl(url);
  return [
    `- Commit: ${code(commit)}`,
    ...(run === undefined ? [] : [`- Run, with logs and report: <${run}>`]),
    ...(target === undefined ? [] : [`- Where it shows: <${target}>`]),
    `- At: ${at}, by ${code(by)}`,
  ];
}

function code(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** A fence is longer than any in the text. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}text\n${text}\n${fence}`;
}
