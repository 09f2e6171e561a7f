import type { Deployed } from "../ledger/model.ts";
import type { Release } from "../release.ts";
import type { DeployContext, Deployer, DeploymentWanted } from "./deployer.ts";
import type { Place } from "./place.ts";

/** A deployment at work. */
export interface DeploymentRun {
  release: Release;
  place: Place;
  context: Omit<DeployContext, "signal">;
  /** Its deployer, which the signal asks to come to a sound end. */
  deployer: (signal: AbortSignal) => Deployer;
  wanted: DeploymentWanted;
  /** Where its users find it; undefined for a place without a URL. */
  url: string | undefined;
  /** What operators add to what people are told, by heading. */
  notes: Readonly<Record<string, string>>;
  /** Why, in the operator's words. */
  reason: string | undefined;
  /** Files of the run, by path below `.artifacts`. */
  kept: Map<string, string | Uint8Array>;
  onProgress: (line: string) => void;
}

/** What a place holds once this was brought to it. */
export function holdingOf(wanted: DeploymentWanted, targetRelease: string | undefined): Deployed {
  return {
    commit: wanted.commit,
    digests: digestsOf(wanted),
    ...(wanted.release === undefined ? {} : { release: wanted.release }),
    ...(targetRelease === undefined ? {} : { targetRelease }),
  };
}

/** Digest by service. */
export function digestsOf({ images }: Pick<DeploymentWanted, "images">): Record<string, string> {
  return Object.fromEntries(images.map(({ service, digest }) => [service, digest]));
}
