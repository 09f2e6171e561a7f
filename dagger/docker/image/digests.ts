import { z } from "zod";
import { keyOf } from "../../core/key.ts";
import type { Workshop } from "../workshop.ts";
import type { AssembledImage } from "./assemble.ts";
import type { InspectedImage } from "./images.ts";

const known = z.object({ image: z.string() });

/**
 * Remembers which of Docker's images a pushed manifest is. A digest names the same image for ever,
 * so pulling it again needs no download as long as Docker has the image.
 */
export async function rememberDigest(
  workshop: Workshop,
  digest: string,
  { variants }: Pick<AssembledImage, "variants">,
): Promise<void> {
  await Promise.all(
    variants.map(({ platform, configDigest }) =>
      workshop.records.set(keyOf("digest", digest, platform), { image: configDigest }),
    ),
  );
}

/** Docker's image for a manifest digest; null when it is not known or gone. */
export async function imageOfDigest(
  workshop: Workshop,
  digest: string,
  platform: string,
): Promise<InspectedImage | null> {
  const record = await workshop.records.get(keyOf("digest", digest, platform), known);
  return record ? imageOfConfig(workshop, record.image) : null;
}

/**
 * Docker's image with that very config; null when there is none. The classic store knows an image by
 * its config, containerd's by a manifest that Docker made for it.
 */
export async function imageOfConfig(
  { images, records }: Workshop,
  configDigest: string,
): Promise<InspectedImage | null> {
  const found = await images.find(configDigest);
  if (found) return found;
  const record = await records.get(keyOf("config", configDigest), known);
  return record ? images.find(record.image) : null;
}

/** Remembers by which id Docker knows the image of a config. */
export async function rememberConfig(
  { records }: Workshop,
  configDigest: string,
  id: string,
): Promise<void> {
  if (id !== configDigest) await records.set(keyOf("config", configDigest), { image: id });
}
