import { SluiceError } from "../../core/error.ts";
import type { Blob } from "../../content/tree.ts";
import type { ImageAssembly, ImageVariant } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { type Compression, layerType } from "./compress.ts";
import { imageConfigBytes } from "./config.ts";
import {
  DOCKER,
  type Descriptor,
  type EncodedManifest,
  type MediaTypes,
  OCI,
  digestOf,
  encode,
  hexOf,
} from "./manifest.ts";
import { rememberConfig } from "./digests.ts";
import { registerImage } from "./register.ts";

/** One platform's image, down to the bytes. */
export interface AssembledVariant {
  platform: string;
  manifest: EncodedManifest;
  config: Buffer;
  configDigest: string;
  /** In the content store, lowest first. */
  layers: Blob[];
  /** Digests of the uncompressed layers. */
  diffIds: string[];
}

export interface AssembledImage {
  variants: AssembledVariant[];
  /** Present when there are several variants. */
  index: EncodedManifest | undefined;
}

/** The manifest that a tag or reference points to. */
export function rootManifest({ variants, index }: AssembledImage): EncodedManifest {
  const root = index ?? variants[0]?.manifest;
  if (!root) throw new SluiceError("EMPTY_IMAGE", "there is no image to publish");
  return root;
}

/** Makes config, manifest and index; equal input gives equal digests. */
export async function assemble(
  workshop: Workshop,
  assembly: ImageAssembly,
): Promise<AssembledImage> {
  const types = assembly.mediaTypes === "docker" ? DOCKER : OCI;
  const compression = assembly.compression ?? "gzip";
  const variants = await Promise.all(
    assembly.variants.map((variant) => assembleVariant(workshop, variant, types, compression)),
  );
  return { variants, index: variants.length > 1 ? indexOf(variants, types) : undefined };
}

async function assembleVariant(
  workshop: Workshop,
  variant: ImageVariant,
  types: MediaTypes,
  compression: Compression,
): Promise<AssembledVariant> {
  const image = await workshop.images.inspect(variant.image);
  const packed = await workshop.layers.pack(image, compression);
  const config = imageConfigBytes(image, packed.config, variant.config, variant.platform);
  const configDigest = digestOf(config);
  if (config.equals(packed.config)) await rememberConfig(workshop, configDigest, image.id);
  else {
    await registerImage(workshop, config, configDigest, image.diffIds).catch(() => false);
  }
  const layers = packed.layers.map((layer) =>
    descriptor(layerType(types, compression), `sha256:${layer.digest}`, layer.size),
  );
  const hasAnnotations = types === OCI && Object.keys(variant.annotations).length > 0;
  const manifest = encode(types.manifest, {
    schemaVersion: 2,
    mediaType: types.manifest,
    config: descriptor(types.config, configDigest, config.length),
    layers,
    ...(hasAnnotations ? { annotations: sorted(variant.annotations) } : {}),
  });
  return {
    platform: variant.platform,
    manifest,
    config,
    configDigest,
    layers: packed.layers,
    diffIds: image.diffIds,
  };
}

function indexOf(variants: readonly AssembledVariant[], types: MediaTypes): EncodedManifest {
  const manifests = variants.map(({ manifest, platform }) => {
    const [os, architecture, variant] = platform.split("/");
    return {
      ...descriptor(manifest.mediaType, manifest.digest, manifest.bytes.length),
      platform: { architecture, os, ...(variant === undefined ? {} : { variant }) },
    };
  });
  return encode(types.index, { schemaVersion: 2, mediaType: types.index, manifests });
}

const descriptor = (mediaType: string, digest: string, size: number): Descriptor => ({
  mediaType,
  digest,
  size,
});

const sorted = (record: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Every blob that a variant refers to: its config from memory, its layers from the store. */
export function blobsOf(
  variant: AssembledVariant,
): { digest: string; size: number; bytes?: Buffer }[] {
  const layers = variant.layers.map(({ digest, size }) => ({ digest: `sha256:${digest}`, size }));
  const all = [
    { digest: variant.configDigest, size: variant.config.length, bytes: variant.config },
    ...layers,
  ];
  return [...new Map(all.map((blob) => [hexOf(blob.digest), blob])).values()];
}
