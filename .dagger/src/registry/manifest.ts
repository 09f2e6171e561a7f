/** A manifest or index, as its registry keeps it. */
export interface Manifest {
  mediaType: string;
  /** Taken over `bytes`, never only believed. */
  digest: string;
  /** Never parsed and written again: another byte would be another digest. */
  bytes: Uint8Array<ArrayBuffer>;
}

/** Kinds of manifests that can be tags of an image. */
export const manifestTypes: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

/** Largest manifest that registries have to take; bytes. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
