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
  return record ? workshop.images.find(record.image) : null;
}
