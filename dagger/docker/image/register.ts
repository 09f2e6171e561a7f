import type { Readable } from "node:stream";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import type { Blob } from "../../content/tree.ts";
import { jsonLines } from "../daemon/lines.ts";
import { isDiskFull } from "../daemon/errors.ts";
import { tarStream } from "../tar.ts";
import type { Workshop } from "../workshop.ts";
import { rememberConfig } from "./digests.ts";
import { hexOf } from "./manifest.ts";

const loadProgress = z.object({ stream: z.string().optional(), error: z.string().optional() });

/**
 * Makes an image of a config and layers that Docker's classic store has already, so that nothing
 * but the config travels. Answers false where the daemon can't do that.
 */
export async function registerImage(
  workshop: Workshop,
  config: Buffer,
  configDigest: string,
  diffIds: readonly string[],
): Promise<boolean> {
  if (workshop.capabilities.containerdStore || workshop.capabilities.podman) return false;
  if (await workshop.images.find(configDigest)) return true;
  const names = diffIds.map((diffId) => `${hexOf(diffId)}/layer.tar`);
  const id = await loadTar(workshop, dockerArchive(workshop, config, configDigest, names, []));
  return id === configDigest;
}

/** Loads an image whose layers are in the content store; answers Docker's id for it. */
export async function loadImage(
  workshop: Workshop,
  config: Buffer,
  configDigest: string,
  layers: readonly Blob[],
): Promise<string> {
  const names = layers.map(({ digest }) => `${digest}/layer.tar`);
  const id = await loadTar(workshop, dockerArchive(workshop, config, configDigest, names, layers));
  await rememberConfig(workshop, configDigest, id);
  return id;
}

/** The archive that `docker load` reads. Layers that are left out must be in the daemon's store. */
function dockerArchive(
  { store }: Workshop,
  config: Buffer,
  configDigest: string,
  names: readonly string[],
  layers: readonly Blob[],
): Readable {
  return tarStream(async (tar) => {
    const configName = `${hexOf(configDigest)}.json`;
    tar.file({ name: configName }, config);
    const written = new Set<string>();
    for (const [index, layer] of layers.entries()) {
      const name = names[index];
      if (name === undefined || written.has(name)) continue;
      written.add(name);
      await tar.stream({ name, size: layer.size }, store.stream(layer.digest));
    }
    const manifest = [{ Config: configName, RepoTags: null, Layers: names }];
    tar.file({ name: "manifest.json" }, Buffer.from(JSON.stringify(manifest)));
  });
}

/** `docker load`; answers the id of the one image in the archive. */
async function loadTar({ daemon, signal }: Workshop, tar: Readable): Promise<string> {
  const answer = await daemon.stream("POST", "/images/load", {
    query: { quiet: true },
    headers: { "content-type": "application/x-tar" },
    upload: tar,
    signal,
  });
  let id: string | undefined;
  for await (const line of jsonLines(answer)) {
    const { stream, error } = loadProgress.parse(line);
    if (error !== undefined) {
      throw new SluiceError(
        isDiskFull(error) ? "DISK_FULL" : "IMAGE_LOAD_FAILED",
        `Docker cannot load the image: ${error}`,
      );
    }
    id = /(sha256:[0-9a-f]{64})/.exec(stream ?? "")?.[1] ?? id;
  }
  if (id === undefined) {
    throw new SluiceError("IMAGE_LOAD_FAILED", "Docker does not say which image it loaded");
  }
  return id;
}
