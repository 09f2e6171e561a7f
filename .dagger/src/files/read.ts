import { createHash } from "node:crypto";
import { blobCall, openBlob } from "../registry/blobs.ts";
import type { Place } from "../registry/copy/place.ts";
import { RegistryError } from "../registry/failure.ts";
import type { ReleasedFile } from "./artifact.ts";

/** For all attempts at one file; milliseconds. Long, as each of them may be at a large one. */
const DEADLINE_MS = 30 * 60_000;

/** What a registry holds in the place of a file. */
export interface FoundBytes {
  digest: string;
  /** Bytes; of more than the file has, no more than its beginning was read. */
  size: number;
}

/**
 * Reads a released file from a repository, piece by piece, and takes its checksum. Tried again when
 * that is wrong, as a byte may be lost on the way; then still whatever was found is answered.
 *
 * @param take begun anew with each try; what it took is to be trusted only if the answer is intact
 * @throws RegistryError `BLOB_NOT_FOUND`, …
 */
export async function readReleased(
  { client, repository }: Place,
  file: ReleasedFile,
  take: (pieces: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<FoundBytes> {
  const { connection } = client;
  const what = blobCall("GET", connection, repository, file.digest);
  const last: { found?: FoundBytes } = {};
  const attempt = async (): Promise<FoundBytes> => {
    delete last.found;
    const opened = await openBlob(connection, repository, file.digest);
    const measure = measured(opened.body, file.size);
    try {
      await take(measure.pieces);
    } finally {
      opened.close();
    }
    const found = (last.found = measure.found());
    if (isIntact(file, found)) return found;
    const reason = `${what}: expected ${file.digest}, got ${found.digest}`;
    throw new RegistryError("DIGEST_MISMATCH", reason, { transient: true });
  };
  return connection.retried(attempt, DEADLINE_MS).catch((error: unknown) => {
    if (last.found) return last.found;
    throw error;
  });
}

/** Whether these are a file's very bytes. */
export function isIntact({ digest, size }: ReleasedFile, found: FoundBytes): boolean {
  return found.digest === digest && found.size === size;
}

function measured(
  pieces: AsyncIterable<Uint8Array>,
  limit: number,
): { pieces: AsyncIterable<Uint8Array>; found: () => FoundBytes } {
  const hash = createHash("sha256");
  let size = 0;
  async function* passed(): AsyncGenerator<Uint8Array> {
    for await (const piece of pieces) {
      hash.update(piece);
      size += piece.length;
      if (size > limit) return;
      yield piece;
    }
  }
  return { pieces: passed(), found: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
}
