import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { tarFromTree } from "../../content/tar.ts";
import { isNotFound } from "../daemon/errors.ts";
import { LABEL } from "../labels.ts";
import { removeVolume } from "../sweep.ts";
import { directoryTar } from "../tar.ts";
import type { MountSource } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { fillVolume } from "./fill-volume.ts";

type Cache = Extract<MountSource, { kind: "cache" }>;

/** Volumes being made by this process, so that equal mounts in parallel make one once. */
const underway = new Map<string, Promise<string>>();

/** The volume of a cache; made, and filled from `init`, when there is none yet. Answers its name. */
export function cacheVolume(workshop: Workshop, image: string, cache: Cache): Promise<string> {
  const running = underway.get(cache.volume);
  if (running) return running;
  const promise = ensure(workshop, image, cache).finally(() => underway.delete(cache.volume));
  underway.set(cache.volume, promise);
  return promise;
}

async function ensure(workshop: Workshop, image: string, cache: Cache): Promise<string> {
  const { daemon, stateDir } = workshop;
  const name = cache.volume;
  const folder = join(stateDir, "volumes");
  // Stands while the volume is being filled: a process that dies leaves it, and half a cache.
  const unfinished = join(folder, `${name}.unfinished`);
  if (await exists(daemon, name)) {
    if (!(await isFile(unfinished))) return name;
    await removeVolume(daemon, name);
  }
  const toFill = cache.init !== undefined || cache.uid !== undefined || cache.gid !== undefined;
  if (toFill) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(unfinished, "");
  }
  await daemon.call("POST", "/volumes/create", {
    body: { Name: name, Labels: { [LABEL.kind]: "cache" } },
  });
  if (!toFill) return name;
  try {
    await fillVolume(workshop, image, name, async (put, root) => {
      if (cache.init) await put(tarFromTree(workshop.store, cache.init, { prefix: root }));
      await put(directoryTar(root || ".", { uid: cache.uid ?? 0, gid: cache.gid ?? 0 }));
    });
  } catch (error) {
    await removeVolume(daemon, name).catch(() => undefined);
    throw error;
  } finally {
    await rm(unfinished, { force: true });
  }
  return name;
}

async function exists(daemon: Workshop["daemon"], name: string): Promise<boolean> {
  try {
    await daemon.call("GET", `/volumes/${encodeURIComponent(name)}`);
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
