import { createReadStream } from "node:fs";
import { bringBlob } from "../registry/copy/blob.ts";
import type { Place } from "../registry/copy/place.ts";
import type { BlobSource } from "../registry/copy/source.ts";
import { EMPTY_CONFIG } from "../registry/empty.ts";
import { Limiter } from "../registry/limiter.ts";
import { filesArtifact } from "./artifact.ts";
import type { CollectedFile } from "./collect.ts";
import { AT_ONCE } from "./limits.ts";

/**
 * Writes files to a repository, under a tag, once all of them are there. Answers the digest of their
 * artifact. They are read from the disk as they go, and never held in memory.
 *
 * @param annotations by which the artifact says where it comes from
 * @throws RegistryError
 */
export async function uploadFiles(
  to: Place,
  tag: string,
  files: readonly CollectedFile[],
  annotations: Readonly<Record<string, string>>,
): Promise<string> {
  const { client, repository } = to;
  const { manifest, sums } = filesArtifact(files, annotations);
  const limiter = new Limiter(AT_ONCE);
  // Two files of the same bytes are one blob.
  const blobs = [...new Map(files.map((file) => [file.digest, file])).values()];
  const settled = await Promise.allSettled([
    client.writeBlob(repository, EMPTY_CONFIG),
    client.writeBlob(repository, sums),
    ...blobs.map((file) =>
      limiter.run(() => bringBlob({ source: onDisk(file), to }, blobOf(file))),
    ),
  ]);
  // Not before the others have come to their end, too: they read from a folder that goes away.
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  await client.put(repository, tag, manifest);
  return manifest.digest;
}

function blobOf({ digest, size }: CollectedFile) {
  return { mediaType: "application/octet-stream", digest, size };
}

function onDisk({ name, path }: CollectedFile): BlobSource {
  return {
    what: `reading ${name}`,
    open: () => {
      const body = createReadStream(path);
      return Promise.resolve({ body, close: () => void body.destroy() });
    },
  };
}
