import { z } from "zod";
import type { Daemon } from "./daemon/daemon.ts";
import { isAbandoned, LABEL } from "./labels.ts";
import { removeVolume } from "./sweep.ts";

const labels = z.record(z.string(), z.string()).nullish();
const containerList = z.array(z.object({ Labels: labels }));
const volumeList = z.object({ Volumes: z.array(z.object({ Name: z.string() })).nullish() });
const imageList = z.array(
  z.object({
    Id: z.string(),
    Created: z.number(),
    Size: z.number(),
    RepoTags: z.array(z.string()).nullish(),
  }),
);

/** What the engine keeps in Docker between sessions. */
export interface DockerCaches {
  /** Names of cache volumes. */
  volumes: string[];
  /** Images of results, youngest first. Sizes in bytes include layers that images share. */
  images: { id: string; size: number }[];
  /** Ids of sessions that are at work and may need all of it. */
  liveSessions: string[];
}

/** Finds them. An image that someone gave a name to is theirs, and not among them. */
export async function findCaches(daemon: Daemon): Promise<DockerCaches> {
  const labelled = (label: string) => ({ filters: JSON.stringify({ label: [label] }) });
  const [containers, volumes, images] = await Promise.all([
    daemon.json(containerList, "GET", "/containers/json", {
      query: { ...labelled(LABEL.session), all: true },
    }),
    daemon.json(volumeList, "GET", "/volumes", { query: labelled(`${LABEL.kind}=cache`) }),
    daemon.json(imageList, "GET", "/images/json", {
      query: { ...labelled(`${LABEL.kind}=cache-image`), all: true },
    }),
  ]);
  const live = containers
    .map((container) => container.Labels ?? {})
    .filter((found) => !isAbandoned(found))
    .flatMap((found) => found[LABEL.session] ?? []);
  return {
    volumes: volumes.Volumes?.map((volume) => volume.Name) ?? [],
    images: images
      .filter((image) => (image.RepoTags ?? []).every((tag) => tag === "<none>:<none>"))
      .sort((a, b) => b.Created - a.Created)
      .map((image) => ({ id: image.Id, size: image.Size })),
    liveSessions: [...new Set(live)],
  };
}

/** Removes them; answers how many went. What is still in use stays. */
export async function removeCaches(
  daemon: Daemon,
  caches: Pick<DockerCaches, "volumes" | "images">,
): Promise<{ volumes: number; images: number }> {
  const volumes = await Promise.allSettled(
    caches.volumes.map((name) => removeVolume(daemon, name)),
  );
  const removed = volumes.filter((outcome) => outcome.status === "fulfilled").length;
  return { volumes: removed, images: await removeImages(daemon, caches.images) };
}

/**
 * Removes images, without force: what a container or another image needs stays. An image that another
 * was made from can only go after it, so passes go on while they achieve something. Answers how many
 * went.
 */
export async function removeImages(
  daemon: Daemon,
  images: readonly { id: string }[],
  signal?: AbortSignal,
): Promise<number> {
  let left = images.map(({ id }) => id);
  for (let before = Infinity; left.length < before && left.length > 0;) {
    before = left.length;
    const refused: string[] = [];
    for (const id of left) {
      signal?.throwIfAborted();
      // Docker would take unnamed parents along, which have a turn of their own if they shall go.
      const query = { noprune: true };
      await daemon.call("DELETE", `/images/${id}`, { query }).catch(() => refused.push(id));
    }
    left = refused;
  }
  return images.length - left.length;
}
