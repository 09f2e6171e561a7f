import { z } from "zod";
import type { DiskCache } from "../../core/cache.ts";
import type { Daemon } from "../daemon/daemon.ts";
import { isAbandoned, LABEL } from "../labels.ts";
import { removeImages } from "../prune.ts";

/** So many images of results are kept, whatever their age. */
const KEPT = 300;
/** An image that was used this recently may be in the hands of a session that shows no container. */
const IN_USE_MS = 60 * 60 * 1000;
/** Pause between two looks, by whichever session. */
const LOOK_AGAIN_MS = 10 * 60 * 1000;

const stamp = z.object({ at: z.number() });
const builtRecord = z.object({ built: z.string() });
const labels = z.record(z.string(), z.string()).nullish();
const containerList = z.array(z.object({ Labels: labels }));
const imageList = z.array(
  z.object({
    Id: z.string(),
    Created: z.number(),
    Labels: labels,
    RepoTags: z.array(z.string()).nullish(),
  }),
);

export interface BoundOptions {
  sessionId: string;
  /** Facts of the engine about Docker, kept between sessions. */
  records: DiskCache;
  /** When results were last used that are images of Docker: ms since the epoch, by image id. */
  lastUsed: () => Promise<ReadonlyMap<string, number>>;
  signal: AbortSignal;
}

/** An image of a result. */
export interface Kept {
  id: string;
  /** Last use; ms since the epoch. */
  at: number;
}

/** Those to go: beyond the 300 used last, unless they were used within the hour. */
export function surplus(images: readonly Kept[], now: number): Kept[] {
  return [...images]
    .sort((a, b) => b.at - a.at)
    .slice(KEPT)
    .filter(({ at }) => now - at >= IN_USE_MS);
}

/**
 * Keeps images of results from piling up: {@link surplus} ones go while no other session is at work.
 * A result whose image is gone is made again. Answers how many went.
 */
export async function boundImages(daemon: Daemon, options: BoundOptions): Promise<number> {
  const { records, signal } = options;
  const looked = await records.get("bounded", stamp);
  if (looked && Date.now() - looked.at < LOOK_AGAIN_MS) return 0;
  await records.set("bounded", { at: Date.now() });
  const tooMany = surplus(await keptImages(daemon, options), Date.now());
  if (tooMany.length === 0 || (await othersWork(daemon, options))) return 0;
  return removeImages(daemon, tooMany, signal);
}

/** Images that are the engine's, and that nobody gave a name to. */
async function keptImages(
  daemon: Daemon,
  { records, lastUsed, signal }: BoundOptions,
): Promise<Kept[]> {
  const [images, used, built] = await Promise.all([
    daemon.json(imageList, "GET", "/images/json", { query: { all: true }, signal }),
    lastUsed(),
    records.all(builtRecord),
  ]);
  const lastBuilt = new Map(built.map(({ value, usedAt }) => [value.built, usedAt]));
  return images
    .filter(({ RepoTags }) => (RepoTags ?? []).every((tag) => tag === "<none>:<none>"))
    .filter(({ Id, Labels }) => Labels?.[LABEL.kind] === "cache-image" || lastBuilt.has(Id))
    .map(({ Id, Created }) => ({
      id: Id,
      at: Math.max(Created * 1000, used.get(Id) ?? 0, lastBuilt.get(Id) ?? 0),
    }));
}

/** Remembers an image that Docker built, which carries no mark of ours. */
export async function rememberBuilt(records: DiskCache, id: string): Promise<void> {
  await records.set(`built-${id.replace("sha256:", "")}`, { built: id });
}

async function othersWork(daemon: Daemon, { sessionId, signal }: BoundOptions): Promise<boolean> {
  const containers = await daemon.json(containerList, "GET", "/containers/json", {
    query: { all: true, filters: JSON.stringify({ label: [LABEL.session] }) },
    signal,
  });
  return containers
    .map(({ Labels }) => Labels ?? {})
    .some((found) => found[LABEL.session] !== sessionId && !isAbandoned(found));
}
