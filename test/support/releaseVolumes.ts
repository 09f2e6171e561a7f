import { CacheVolume } from "../../dagger/api/cache-volume.ts";
import { docker } from "./dockerStage.ts";

/** Removes what the embedded engine keeps for a pipeline from one call to the next. */
export async function removeVolumesOf(
  pipeline: string,
  registries: readonly string[],
): Promise<void> {
  const names = [
    `sluice evidence ${pipeline}`,
    ...registries.map((name) => `sluice registry ${pipeline}/${name}`),
  ];
  const there = (await docker("volume", "ls", "--quiet")).split("\n");
  const own = names.map((name) => new CacheVolume(name).volume);
  const kept = there.filter((volume) => own.some((name) => volume.startsWith(name)));
  if (kept.length > 0) await docker("volume", "rm", ...kept);
}
