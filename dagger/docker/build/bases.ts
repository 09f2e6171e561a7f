import { SluiceError } from "../../core/error.ts";
import { pull } from "../image/pull.ts";
import { tagImage } from "../image/tag.ts";
import { formatReference, parseReference } from "../registry/reference.ts";
import type { BuildSpec } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import {
  type BaseImage,
  baseImages,
  buildArgsOf,
  platformArgs,
  syntaxImage,
} from "./dockerfile.ts";

/**
 * Brings the images that a Dockerfile builds on into Docker's store under their own names, where
 * BuildKit finds them; stand-ins included.
 */
export async function prepareBases(
  workshop: Workshop,
  spec: BuildSpec,
  dockerfile: string,
): Promise<void> {
  const bases = baseImages(dockerfile, {
    ...(spec.target === undefined ? {} : { target: spec.target }),
    buildArgs: buildArgsOf(spec),
    predefined: platformArgs(workshop.capabilities.platform, spec.platform),
  });
  await Promise.all(bases.map((base) => prepareBase(workshop, spec, base)));
}

async function prepareBase(
  workshop: Workshop,
  spec: BuildSpec,
  { ref, platform = spec.platform }: BaseImage,
): Promise<void> {
  const image = await pull(workshop, ref, { platform, credentials: spec.credentials });
  const reference = parseReference(ref);
  const name = formatReference(reference);
  const named = await workshop.images.find(name);
  if (named?.id === image.id) return;
  if (reference.digest !== undefined) {
    // A registry of this machine that pull read by itself: BuildKit can do so too.
    if (!image.standIn) return;
    throw new SluiceError(
      "IMAGE_NOT_FOUND",
      `${ref} is pinned by digest: no stand-in can take its place`,
      { hint: "Build where the registry answers, or name the image by tag." },
    );
  }
  await tagImage(workshop.daemon, image.id, name);
}

/**
 * A Dockerfile may name the image that reads it (`# syntax=`). Where that can't be had, the line is
 * dropped and BuildKit reads the file by itself.
 */
export async function withUsableSyntax(
  workshop: Workshop,
  spec: BuildSpec,
  dockerfile: string,
): Promise<string> {
  const image = syntaxImage(dockerfile);
  if (image === undefined) return dockerfile;
  if (await workshop.images.find(formatReference(parseReference(image)))) return dockerfile;
  try {
    // No stand-in can serve as a program that reads Dockerfiles.
    const real = { ...workshop, standIn: () => Promise.resolve(null) };
    await pull(real, image, {
      platform: workshop.capabilities.platform,
      credentials: spec.credentials,
    });
    return dockerfile;
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "REGISTRY_UNREACHABLE") throw error;
    workshop.progress(`${image} cannot be reached: Docker reads the Dockerfile without it`);
    return dockerfile.replace(/^#\s*syntax\s*=.*$/im, "#");
  }
}
