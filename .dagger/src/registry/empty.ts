import { digestOf } from "./digest.ts";

/** The config of what is no image: nothing, as OCI spells it. */
export const EMPTY_CONFIG = new Uint8Array(Buffer.from("{}"));

/** Its descriptor. */
export const emptyConfig = {
  mediaType: "application/vnd.oci.empty.v1+json",
  digest: digestOf(EMPTY_CONFIG),
  size: EMPTY_CONFIG.length,
} as const;
