import type { ReleaseEvent } from "../../announce/event.ts";
import { mergedInto } from "../../announce/wording.ts";
import type { PipelineDiscussion } from "../../pipeline/model.ts";

/**
 * Whether a thread tells of an event: what changed what users get, or should have. Beginnings are
 * no news, and a promotion that fails has changed nothing: its channel's issue tells of it.
 */
export function tellsOf({ channels, merges }: PipelineDiscussion, event: ReleaseEvent): boolean {
  switch (event.kind) {
    case "deploying":
    case "promotion-failed":
      return false;
    case "merged":
      return merges !== undefined && mergedInto(event) === merges;
    default:
      return channels.includes(event.channel);
  }
}
