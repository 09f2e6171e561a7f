import { type Place, placesOf } from "../deploy/place.ts";
import { Settings } from "../deploy/settings.ts";
import { readTarget, type TargetState } from "../deploy/target-state.ts";
import { urlOf } from "../deploy/url.ts";
import type { Holding } from "../ledger/model.ts";
import { compareVersions } from "../prove/compare.ts";
import { sameCommit } from "../prove/version.ts";
import type { Release } from "../release.ts";
import type { TargetStatus } from "./model.ts";

/** A place, what the ledger says of it, and what its URL says. */
export interface PlaceStatus {
  status: TargetStatus;
  state: TargetState;
}

/** What runs at each place that a channel is deployed to. */
export function targetsOf(release: Release, channel: string): Promise<PlaceStatus[]> {
  const places = placesOf(release.pipeline, channel);
  return Promise.all(places.map((place) => placeStatus(release, place)));
}

async function placeStatus(release: Release, place: Place): Promise<PlaceStatus> {
  const [state, url] = await Promise.all([
    readTarget(release.ledger, place.stream),
    // A setting that is not at hand is no reason to tell nothing.
    urlOf(place, new Settings(release)).catch(() => undefined),
  ]);
  const { holds, head } = state;
  const status: TargetStatus = {
    ...{ target: place.name, environment: place.target.environment, holds },
    outcome: head?.record.outcome ?? null,
    ...{ since: head?.record.at ?? null, by: head?.record.by ?? null },
    ...{ url: url ?? null, serves: holds && url ? await served(place, url) : null },
  };
  return { status, state };
}

async function served({ name, target }: Place, url: string): Promise<string | null> {
  if (!target.version) return null;
  const { places } = await compareVersions([{ place: name, url, version: target.version }]);
  return places[0]?.commit ?? null;
}

/** What of a place is not as it should be, and what to do about it: a line each. */
export function targetDrift({ status, state }: PlaceStatus, channel: Holding | null): string[] {
  const { target, holds, outcome, serves } = status;
  if (outcome === null) return [];
  if (state.interrupted) {
    return [`${target}: a deployment was cut off, or is still at it; deploying again sees to it`];
  }
  if (!holds)
    return [`${target}: nobody knows what runs there after a failure: look at it, deploy again`];
  const runs = holds.release ?? holds.commit.slice(0, 12);
  return [
    ...(serves === null || sameCommit(serves, holds.commit)
      ? []
      : [
          `${target}: its URL says ${serves.slice(0, 12)}, recorded is ${runs}: something else deployed there`,
        ]),
    ...(channel === null || channel.commit === holds.commit
      ? []
      : [`${target} runs ${runs}, not yet what the channel holds: deploy to it`]),
  ];
}
