import type { BlobOutcome } from "./blob.ts";
import type { Place } from "./place.ts";

/** An image to copy. */
export interface CopyRequest {
  from: Place;
  /** Its client has to be one that may write. */
  to: Place;
  /** Of the manifest or index; it keeps it. */
  digest: string;
  /**
   * What it is called in its new place, once all of it is there; default: its digest alone. Written
   * without a look at what it held, but for a tag of the same repository.
   */
  tag?: string;
  /** Takes along what refers to it, or to an image of the index: signatures, SBOMs, attestations. */
  referrers?: boolean;
  /** Called as bytes go, and when a blob is there. */
  onProgress?: (progress: CopyProgress) => void;
}

/** How far a blob is. */
export interface CopyProgress {
  digest: string;
  /** Bytes that were sent; more than its size when it had to be sent again. */
  sent: number;
  size: number;
  /** Set once it is there. */
  outcome?: BlobOutcome;
}

/** What was done. */
export interface CopyResult {
  digest: string;
  /** Manifests that were written. */
  manifests: number;
  /** Blobs, by how they came to be there; all of them 0 when the manifests were there already. */
  blobs: Record<BlobOutcome, number>;
  /** Bytes of blobs that were sent. */
  bytes: number;
  /** Digests of what refers to it, and is in the new place now; empty unless asked for. */
  referrers: string[];
  /** Requests to both registries, without those that sign in. */
  requests: number;
}
