import { lineOf } from "./escape.ts";
import type { ReleaseEvent } from "./event.ts";
import { noteOf } from "./headings.ts";

/** What is said for what isn't known. */
export const NOTHING = "n/a";

/** What happened, in a few words: `Deployed v2026.11.21 to live`. */
export function headlineOf(event: ReleaseEvent): string {
  const version = versionOf(event);
  const place = lineOf(event.target ?? event.channel);
  switch (event.kind) {
    case "promoted":
      return `Promoted ${version} to ${lineOf(event.channel)}`;
    case "rolled-back":
      return `Rolled ${lineOf(event.channel)} back to ${version}`;
    case "promotion-failed":
      return `Promotion of ${version} to ${lineOf(event.channel)} failed`;
    case "deploying":
      return `Deploying ${version} to ${place}`;
    case "deployed":
      return `Deployed ${version} to ${place}`;
    case "deployment-failed":
      return `Deployment of ${version} to ${place} failed`;
    case "taken-back":
      return `Took ${place} back to ${version}`;
    case "merged":
      return `Merged ${version} into ${lineOf(mergedInto(event) ?? "a branch")}`;
  }
}

/** The branch that a merge came to; undefined for other events. */
export function mergedInto({ kind, id }: ReleaseEvent): string | undefined {
  return kind === "merged" ? /^merged (\S+) /.exec(id)?.[1] : undefined;
}

/** The tag that an event's commit was promoted as, or else the commit, shortened. */
export function versionOf({ release, commit }: ReleaseEvent): string {
  return release === undefined ? commit.slice(0, 12) : lineOf(release);
}

/** Whether it was, or has to be, rolled back: what an operator wrote, or what the event itself says. */
export function rollbackStatus(event: ReleaseEvent): string {
  const said = noteOf(event.notes, "Rollback status");
  if (said !== undefined) return said;
  const { previousCommit: from } = event;
  switch (event.kind) {
    case "rolled-back":
    case "taken-back":
      return `rolled back to ${event.commit}${from === undefined ? "" : ` from ${from}`}`;
    case "promotion-failed":
      return "see the reason";
    case "deployment-failed":
      return from === undefined ? "see the reason" : `it ran ${from} before; see the reason`;
    default:
      return NOTHING;
  }
}

/** Whether what operators have to remember after a success is to be said. */
export function isSuccess({ kind }: ReleaseEvent): boolean {
  return kind === "promoted" || kind === "deployed";
}

/** Who posts it, and when it happened. */
export function footerOf({ at, pipeline }: ReleaseEvent): string {
  return `Posted by CI · ${lineOf(pipeline)} · ${at}`;
}
