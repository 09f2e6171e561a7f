import { blobCall, blobExists, fetchBlob } from "../blobs.ts";
import { beginUpload, finishUpload } from "../upload.ts";
import { inChunksIfTooLarge } from "./chunks.ts";
import type { Descriptor } from "./contents.ts";
import { type Place, sameRegistry } from "./place.ts";
import { type Delivery, sendBlob } from "./send.ts";
import { blobIn } from "./source.ts";

/** Where a blob is, and where it is to be. */
interface Way {
  from: Place;
  to: Place;
}

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
      : ({ from, to }: Way) => sendLarge({ source: blobIn(from, blob), to }, blob, onBytes);
  return way.to.client.connection.retried(() => bring(way, blob, onBytes), DEADLINE_MS);
}

/** Brings a blob to a repository from wherever its bytes are, unless it is there. Like `copyBlob`. */
export function bringBlob(delivery: Delivery, blob: Descriptor): Promise<BlobOutcome> {
  const { connection } = delivery.to.client;
  return connection.retried(() => sendLarge(delivery, blob, () => undefined), DEADLINE_MS);
}

async function mountOrSend(
  way: Way,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  const { from, to } = way;
  const location = await begin(to, blob, from.repository);
  if (!location) return "mounted";
  // It may be there all the same, where a registry knows no mounts; too large to send in vain.
  if (blob.size > SMALL_BYTES && (await isThere(to, blob))) return "present";
  const source = blobIn(from, blob);
  await send({ source, to }, blob, await source.open(), location, onBytes);
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
    begin(to, blob, to.repository),
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
  delivery: Delivery,
  blob: Descriptor,
  onBytes: (bytes: number) => void,
): Promise<BlobOutcome> {
  const { source, to } = delivery;
  if (await isThere(to, blob)) return "present";
  const [opened, location] = await Promise.allSettled([source.open(), begin(to, blob)]);
  if (opened.status === "rejected") throw opened.reason;
  if (location.status === "rejected" || !location.value) {
    opened.value.close();
    if (location.status === "rejected") throw location.reason;
    return "present";
  }
  await send(delivery, blob, opened.value, location.value, onBytes);
  return "copied";
}

function send(...args: Parameters<typeof sendBlob>): Promise<void> {
  const [delivery, blob, , , onBytes] = args;
  return sendBlob(...args).catch((error: unknown) =>
    inChunksIfTooLarge(delivery, blob, error, onBytes),
  );
}

function isThere({ client, repository }: Place, { digest }: Descriptor): Promise<boolean> {
  return blobExists(client.connection, repository, digest);
}

function begin(
  { client, repository }: Place,
  { digest }: Descriptor,
  from?: string,
): Promise<URL | undefined> {
  const what = blobCall("POST", client.connection, repository, digest);
  const mount = from === undefined ? undefined : { digest, from };
  return beginUpload(client.connection, repository, what, mount);
}
