import { SluiceError } from "../error.ts";
import { stamp } from "../ledger/stamp.ts";
import { commitStream } from "../ledger/streams.ts";
import { parseDuration } from "../pipeline/schema/duration.ts";
import { watchTarget } from "../prove/watch.ts";
import type { Watch } from "../prove/watch-model.ts";
import type { Release } from "../release.ts";
import { jsonText } from "../report/output.ts";
import { deployContext } from "./context.ts";
import { deployerFor } from "./deployers.ts";
import { placeOf, type PlaceWanted } from "./place.ts";
import { readTarget } from "./target-state.ts";
import { urlOf } from "./url.ts";

/**
 * Watches health and logs of what runs at a place, and writes down in the ledger how it went.
 *
 * @throws SluiceError `WATCH_IMPOSSIBLE` where nothing is deployed or nothing can be asked
 */
export async function watchPlace(
  release: Release,
  wanted: PlaceWanted & { duration: string },
  onProgress: (line: string) => void,
): Promise<Watch> {
  const forMs = parseDuration(wanted.duration);
  if (forMs === undefined || forMs <= 0) {
    throw new SluiceError("ARGUMENTS_INVALID", `--duration ${JSON.stringify(wanted.duration)}`, {
      hint: "give a duration such as 10m or 90s",
    });
  }
  const place = placeOf(release.pipeline, wanted);
  const { holds } = await readTarget(release.ledger, place.stream);
  if (!holds) throw impossible(`nothing that is recorded runs on ${place.name}`, "deploy first");
  const { commit } = holds;
  const { signal } = new AbortController();
  const context = await deployContext(release, place, { commit, kept: new Map(), onProgress });
  const url = await urlOf(place, context.settings);
  if (url === undefined) throw impossible(`${place.name} has no url`, "add url: to the target");
  const deployer = deployerFor({ ...context, signal });
  const { probes, version } = place.target;
  const watch = await watchTarget({
    ...{ url, probes, version, forMs, signal, expected: { commit } },
    ...{ logs: () => deployer.logs(), onProgress: context.onProgress },
  });
  await release.ledger.append(
    commitStream(commit),
    {
      ...stamp(release),
      ...{ kind: "watch", commit, channel: place.channel.name, target: place.name },
      ...{ passed: watch.passed, reason: watch.reason, durationMs: watch.durationMs },
    },
    { files: { "watch.json": jsonText(watch) } },
  );
  return watch;
}

function impossible(reason: string, hint: string): SluiceError {
  return new SluiceError("WATCH_IMPOSSIBLE", reason, { hint });
}
