import type { ReleaseEvent } from "../../../.dagger/src/announce/event.ts";

/** The commit that `releaseEvent` is about, if nothing else is said. */
export const releasedCommit = "c".repeat(40);

/** An event of the pipeline `shop` and its channel `live`. */
export function releaseEvent(
  kind: ReleaseEvent["kind"],
  more: Partial<ReleaseEvent> = {},
): ReleaseEvent {
  const digests = { web: `sha256:${"d".repeat(64)}` };
  return {
    ...{ version: 1, id: `${kind} live 1`, kind, pipeline: "shop", channel: "live", digests },
    ...{ commit: releasedCommit, at: "2026-01-31T12:00:00.000Z", by: "ann", notes: {} },
    ...more,
  };
}
