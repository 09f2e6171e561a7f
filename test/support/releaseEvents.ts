import type { ReleaseEvent } from "../../.dagger/src/announce/event.ts";

/** A deployment to Fly.io that succeeded. */
export function deployedEvent(more: Partial<ReleaseEvent> = {}): ReleaseEvent {
  return {
    ...{ version: 1, id: "deployment live 12 deployed", kind: "deployed", pipeline: "shop" },
    ...{ channel: "live", target: "cloud", environment: "production" },
    ...{ commit: "c".repeat(40), release: "v2026.11.21", previousCommit: "b".repeat(40) },
    digests: { api: `sha256:${"1".repeat(64)}`, web: `sha256:${"2".repeat(64)}` },
    ...{ targetRelease: "rel_k3j2", url: "https://acme.fly.dev" },
    ...{ runUrl: "https://ci.example.com/runs/7", at: "2026-11-21T14:00:00.000Z", by: "ci" },
    notes: {},
    ...more,
  };
}
