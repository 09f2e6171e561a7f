import { blobCall } from "../blobs.ts";
import { RegistryError } from "../failure.ts";
import { beginUpload, sendChunks } from "../upload.ts";
import type { Descriptor } from "./contents.ts";
import type { Delivery } from "./send.ts";
import { verified } from "./verified.ts";

/** What even small proxies let through, and a slow line carries within a request's time; bytes. */
const CHUNK_BYTES = 1024 * 1024;

/** Brings a blob once more, in chunks, where it was refused as too large for one request. */
export async function inChunksIfTooLarge(
  { source, to }: Delivery,
  blob: Descriptor,
  error: unknown,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const tooLarge = error instanceof RegistryError && error.code === "UPLOAD_TOO_LARGE";
  if (!tooLarge || blob.size <= CHUNK_BYTES) throw error;
  const { connection } = to.client;
  const what = blobCall("PATCH", connection, to.repository, blob.digest);
  const location = await beginUpload(connection, to.repository, what);
  if (!location) return;
  const opened = await source.open();
  try {
    const chunks = chunksOf(verified(opened.body, blob, source.what), onBytes);
    await sendChunks(connection, to.repository, what, location, blob.digest, chunks);
  } finally {
    opened.close();
  }
}

/** The same bytes in pieces of one size, but for the last. */
async function* chunksOf(
  pieces: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  let chunk = new Uint8Array(CHUNK_BYTES);
  let filled = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length;) {
      const part = piece.subarray(at, at + CHUNK_BYTES - filled);
      chunk.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled < CHUNK_BYTES) continue;
      yield chunk;
      onBytes(filled);
      [chunk, filled] = [new Uint8Array(CHUNK_BYTES), 0];
    }
  }
  if (filled === 0) return;
  yield chunk.slice(0, filled);
  onBytes(filled);
}
