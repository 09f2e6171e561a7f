import { blobCall, blobExists, fetchBlob, openBlob } from "../blobs.ts";
import type { Opened } from "../http/open.ts";
import { beginUpload, finishUpload } from "../upload.ts";
import { inChunksIfTooLarge } from "./chunks.ts";
import type { Descriptor } from "./contents.ts";
import { sameRegistry } from "./place.ts";
import { sendBlob, type Way } from "./send.ts";

/** How a blob came to be in its new repository; `present` was there before. */
export type BlobOutcome = "copied" | "mounted" | "present";

/**
 * Up to here a blob is read whole, and at once: asking first whether it is needed takes longer than
 * reading it. Bytes.
 */
export const SMALL_BYTES = 64 * 1024;

/** For all attempts at one blob; milliseconds. Long, as each of them may be at a large layer. */
const DEADLINE_MS = 15 * 60_000;

/**
 * Brings a blob from one repository to another: mounted within a registry if that allows it, else
 * with its bytes, which are checked on the way. Each try asks anew what is there already.
 *
 * @param onBytes called with what was sent, as it goes
 */
export function copyBlob(
  way: Way,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  const bring = sameRegistry(way.from, way.to)
    ? mountOrSend
    : blob.size <= SMALL_BYTES
      ? sendSmall
      : sendLarge;
  return way.to.client.connection.retried(() => bring(way, blob, onBytes), DEADLINE_MS);
}

async function mountOrSend(
  way: Way,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  const location = await begin(way, blob, way.from.repository);
  if (!location) return "mounted";
  // It may be there all the same, where a registry knows no mounts; too large to send in vain.
  if (blob.size > SMALL_BYTES && (await isThere(way, blob))) return "present";
  await send(way, blob, await open(way, blob), location, onBytes);
  return "copied";
}

/** A mount from the repository itself tells whether it has the blob, and begins an upload if not. */
async function sendSmall(
  way: Way,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  const { from, to } = way;
  const [location, bytes] = await Promise.all([
    begin(way, blob, to.repository),
    fetchBlob(from.client.connection, from.repository, blob.digest),
  ]);
  if (!location) return "present";
  const what = blobCall("PUT", to.client.connection, to.repository, blob.digest);
  const body = { digest: blob.digest, size: bytes.length, bytes };
  await finishUpload(to.client.connection, to.repository, what, location, body);
  onBytes(bytes.length);
  return "copied";
}

async function sendLarge(
  way: Way,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  if (await isThere(way, blob)) return "present";
  const [source, location] = await Promise.allSettled([open(way, blob), begin(way, blob)]);
  if (source.status === "rejected") throw source.reason;
  if (location.status === "rejected" || !location.value) {
    source.value.close();
    if (location.status === "rejected") throw location.reason;
    return "present";
  }
  await send(way, blob, source.value, location.value, onBytes);
  return "copied";
}

function send(...args: Parameters<typeof sendBlob>): Promise<void> {
  const [way, blob, , , onBytes] = args;
  return sendBlob(...args).catch((error: unknown) => inChunksIfTooLarge(way, blob, error, onBytes));
}

function isThere({ to }: Way, { digest }: Descriptor): Promise<boolean> {
  return blobExists(to.client.connection, to.repository, digest);
}

function open({ from }: Way, { digest }: Descriptor): Promise<Opened> {
  return openBlob(from.client.connection, from.repository, digest);
}

function begin({ to }: Way, { digest }: Descriptor, from?: string): Promise<URL | undefined> {
  const { client, repository } = to;
  const what = blobCall("POST", client.connection, repository, digest);
  const mount = from === undefined ? undefined : { digest, from };
  return beginUpload(client.connection, repository, what, mount);
}
