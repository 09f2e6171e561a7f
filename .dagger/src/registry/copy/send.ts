import { blobCall } from "../blobs.ts";
import { timeout } from "../http/exchange.ts";
import { Patience } from "../http/patience.ts";
import { finishUpload } from "../upload.ts";
import type { Descriptor } from "./contents.ts";
import type { Place } from "./place.ts";
import type { BlobSource, OpenedBlob } from "./source.ts";
import { verified } from "./verified.ts";

/** A registry may have to read what it got once more before it answers; bytes in a millisecond. */
const COMMIT_RATE = 20 * 1024;

/** Where a blob's bytes come from, and where they go. */
export interface Delivery {
  source: BlobSource;
  to: Place;
}

/**
 * Streams a blob into an upload, without keeping more than a few pieces in memory. Both sides have
 * to make progress; wrong bytes end the upload before its end.
 *
 * @param onBytes called with the size of each piece
 */
export async function sendBlob(
  { source, to }: Delivery,
  blob: Descriptor,
  opened: OpenedBlob,
  location: URL,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const { repository } = to;
  const { connection } = to.client;
  const stop = new AbortController();
  const { timeoutMs } = connection;
  const patience = (ms: number, did: string) =>
    new Patience(ms, () => stop.abort(timeout(`${connection.host} ${did} ${ms} ms`)));
  const taking = patience(timeoutMs, "took nothing, or next to nothing, for");
  const answering = patience(
    timeoutMs + Math.floor(blob.size / COMMIT_RATE),
    "did not confirm a blob within",
  );
  let failure: { error: unknown } | undefined;
  async function* pieces(): AsyncGenerator<Uint8Array> {
    try {
      for await (const piece of verified(opened.body, blob, source.what)) {
        taking.start();
        yield piece;
        taking.stop(piece.length);
        onBytes(piece.length);
      }
      answering.start();
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  try {
    await finishUpload(
      connection,
      repository,
      blobCall("PUT", connection, repository, blob.digest),
      location,
      {
        digest: blob.digest,
        size: blob.size,
        bytes: ReadableStream.from(pieces()),
        limit: stop.signal,
      },
    );
  } catch (error) {
    // What ended the body says more than that the request failed because of it.
    throw failure ? failure.error : error;
  } finally {
    taking.stop();
    answering.stop();
    opened.close();
  }
}
