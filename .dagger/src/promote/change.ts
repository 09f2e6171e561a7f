import type { Held } from "../candidate/held.ts";
import type { GateResult } from "../gates/gate.ts";
import type { ChannelState } from "../ledger/channel-state.ts";
import type { ChangeRecord } from "../ledger/model.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import type { Manifest } from "../registry/manifest.ts";

/** An image that a channel is to hold, in one registry. */
export type TargetImage = Pick<Held, "service" | "registry"> & { manifest: Manifest };

/** A channel's way from what it holds to something else. */
export interface Change {
  kind: ChangeRecord["kind"];
  channel: PipelineChannel;
  commit: string;
  /** Git tag that it is promoted as. */
  release: string | undefined;
  images: readonly TargetImage[];
  /** Branch that is to be at the commit, too. */
  branch: string | undefined;
  /** Why, in the operator's words. */
  reason: string | undefined;
  /** The command, for whoever finds the lock. */
  command: string;
  /** How long to wait for another run's lock; milliseconds. */
  waitMs: number;
  /** Asks every gate once more, under the lock; throws when one fails. */
  gates: (state: ChannelState) => Promise<GateResult[]>;
}

/** Digest of each service's image. */
export function digestsOf(images: readonly TargetImage[]): Record<string, string> {
  return Object.fromEntries(images.map(({ service, manifest }) => [service.name, manifest.digest]));
}
