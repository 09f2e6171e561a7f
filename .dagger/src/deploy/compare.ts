import type { Comparison } from "../prove/compare-model.ts";
import { compareVersions } from "../prove/compare.ts";
import { SluiceError } from "../error.ts";
import type { Release } from "../release.ts";
import { type Place, placesOf } from "./place.ts";
import { Settings } from "./settings.ts";
import { urlOf } from "./url.ts";

/**
 * Compares what targets say of themselves.
 *
 * @param names of targets, or of slots such as `staging/1`; none for all that have a version
 * @throws SluiceError `TARGET_UNKNOWN`, `VERSION_URL_MISSING`
 */
export async function compareTargets(
  release: Release,
  names: readonly string[],
): Promise<Comparison> {
  const settings = new Settings(release);
  const places = chosen(placesOf(release.pipeline), names);
  const asked = await Promise.all(
    places.map(async (place) => ({ place, url: await urlOf(place, settings) })),
  );
  return compareVersions(
    asked.flatMap(({ place, url }) => {
      const { version } = place.target;
      return url === undefined || !version ? [] : [{ place: place.name, url, version }];
    }),
  );
}

function chosen(places: readonly Place[], names: readonly string[]): Place[] {
  const withVersion = places.filter(({ target }) => target.url && target.version);
  if (names.length === 0 && withVersion.length > 0) return withVersion;
  const known = withVersion.map(({ name }) => name).join(", ");
  if (names.length === 0) {
    throw new SluiceError("VERSION_URL_MISSING", "no target has url and version to compare", {
      hint: "add url: and version: to the targets in the pipeline file",
    });
  }
  return names.flatMap((name) => {
    const found = withVersion.filter((place) => place.name === name || place.target.name === name);
    if (found.length > 0) return found;
    throw new SluiceError(
      "TARGET_UNKNOWN",
      `no target with a version is called ${JSON.stringify(name.slice(0, 200))}`,
      { hint: `targets with url and version: ${known || "none"}` },
    );
  });
}
