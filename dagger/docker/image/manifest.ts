import { createHash } from "node:crypto";
import { z } from "zod";

/** Media types of one family of image formats. */
export interface MediaTypes {
  index: string;
  manifest: string;
  config: string;
  layer: string;
  gzipLayer: string;
  zstdLayer: string;
}

export const OCI: MediaTypes = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  gzipLayer: "application/vnd.oci.image.layer.v1.tar+gzip",
  zstdLayer: "application/vnd.oci.image.layer.v1.tar+zstd",
};

export const DOCKER: MediaTypes = {
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  gzipLayer: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  zstdLayer: "application/vnd.docker.image.rootfs.diff.tar.zstd",
};

export const MANIFEST_TYPES = [OCI.index, OCI.manifest, DOCKER.index, DOCKER.manifest];
/** Registries refuse larger ones; bytes. */
export const MANIFEST_LIMIT = 4 * 1024 * 1024;

const descriptor = z.object({
  mediaType: z.string().default(OCI.gzipLayer),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.number().int().nonnegative(),
});

export type Descriptor = z.infer<typeof descriptor>;

export const manifestSchema = z.object({
  mediaType: z.string().optional(),
  config: descriptor,
  layers: z.array(descriptor),
});

export const indexSchema = z.object({
  manifests: z.array(
    descriptor.extend({
      annotations: z.record(z.string(), z.string()).nullish(),
      platform: z
        .object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
        .optional(),
    }),
  ),
});

export type ImageIndex = z.infer<typeof indexSchema>;

/** A manifest or index, ready to be sent. */
export interface EncodedManifest {
  bytes: Buffer;
  digest: string;
  mediaType: string;
}

/** Encodes JSON once and for all: the digest is that of these very bytes. */
export function encode(mediaType: string, value: unknown): EncodedManifest {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, digest: digestOf(bytes), mediaType };
}

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

/** `sha256:abc` → `abc`, the name under which the content store knows it. */
export const hexOf = (digest: string): string => digest.slice(digest.indexOf(":") + 1);

/** An index entry that runs on `platform`, the exact variant before any. */
export function childFor(index: ImageIndex, platform: string): Descriptor | undefined {
  const [os, architecture, variant] = platform.split("/");
  const fitting = index.manifests.filter(
    (child) => child.platform?.os === os && child.platform?.architecture === architecture,
  );
  return fitting.find((child) => child.platform?.variant === variant) ?? fitting[0];
}
