import { placeOf } from "../candidate/place.ts";
import { firstLine, SluiceError } from "../error.ts";
import { copyImage } from "../registry/copy/copy.ts";
import type { TargetImage } from "./change.ts";

/**
 * Lets signatures, SBOMs and attestations of each image be in every registry that has the image,
 * wherever they were attached to it. No tag of an image moves.
 *
 * @throws SluiceError `REFERRERS_FAILED`
 */
export async function spreadReferrers(images: readonly TargetImage[]): Promise<void> {
  const pairs = images.flatMap((from) =>
    images
      .filter((to) => to.service.name === from.service.name && to !== from)
      .map((to) => [from, to] as const),
  );
  await Promise.all(pairs.map(([from, to]) => spread(from, to)));
}

async function spread(from: TargetImage, to: TargetImage): Promise<void> {
  try {
    const [source, target] = await Promise.all([placeOf(from, "read"), placeOf(to, "write")]);
    await copyImage({ from: source, to: target, digest: from.manifest.digest, referrers: true });
  } catch (error) {
    throw new SluiceError(
      "REFERRERS_FAILED",
      `nothing is promoted: what is attached to ${from.service.name} in ${from.registry.name} can't be brought to ${to.registry.name}: ${firstLine(error)}`,
      { cause: error, hint: "see to the registry, then promote again" },
    );
  }
}
