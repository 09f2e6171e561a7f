import type { PulledImage, Runtime } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { formatReference, parseReference } from "../registry/reference.ts";

export async function pull(
  workshop: Workshop,
  ref: string,
  _options: Parameters<Runtime["pull"]>[1],
): Promise<PulledImage> {
  const reference = parseReference(ref);
  const image = await workshop.images.inspect(formatReference(reference));
  return { ...image, ref: null, standIn: false };
}
