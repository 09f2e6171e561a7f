import { blobCall, openBlob } from "../blobs.ts";
import type { Opened } from "../http/open.ts";
import type { Descriptor } from "./contents.ts";
import type { Place } from "./place.ts";

/** A blob's bytes, to be read once. */
export type OpenedBlob = Pick<Opened, "body" | "close">;

/** Where a blob's bytes come from; as often as they are needed. */
export interface BlobSource {
  /** For messages: `GET ghcr.io/acme/backend blob 0123456789ab`. */
  what: string;
  open(): Promise<OpenedBlob>;
}

/** A blob of a repository. */
export function blobIn({ client, repository }: Place, { digest }: Descriptor): BlobSource {
  const { connection } = client;
  return {
    what: blobCall("GET", connection, repository, digest),
    open: () => openBlob(connection, repository, digest),
  };
}
