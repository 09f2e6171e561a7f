import type { Connection } from "./connection.ts";
import { hints, RegistryError } from "./failure.ts";
import { redirectTarget } from "./http/redirect.ts";
import type { Reply } from "./http/send.ts";

/** Largest answer to a request about an upload; bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/**
 * Begins an upload; answers where its bytes go. With `mount`, a registry that has the blob in that
 * repository, and lets it be shared, needs no upload: undefined. Asked once.
 *
 * @param mount a blob, and the repository of the same registry to take it from
 */
export async function beginUpload(
  connection: Connection,
  repository: string,
  what: string,
  mount?: { digest: string; from: string },
): Promise<URL | undefined> {
  const query = mount && new URLSearchParams({ mount: mount.digest, from: mount.from }).toString();
  const call = connection.call({
    method: "POST",
    repository,
    reads: mount?.from,
    path: query === undefined ? "blobs/uploads/" : `blobs/uploads/?${query}`,
    maxBytes: MAX_ANSWER_BYTES,
    what,
  });
  const reply = await (mount ? call.catch(unlessSignInRefused) : call);
  if (mount && reply?.status === 201) return undefined;
  if (!reply || (mount && MOUNT_REFUSED.includes(reply.status))) {
    return beginUpload(connection, repository, what);
  }
  if (reply.status === 404) {
    throw new RegistryError("REPOSITORY_NOT_FOUND", `${what}: HTTP 404, no such repository`, {
      status: 404,
      hint: hints.REPOSITORY_NOT_FOUND,
    });
  }
  if (reply.status !== 202) throw connection.refusal(what, reply);
  return uploadLocation(connection, repository, what, reply);
}

/** A token for both repositories may be more than these credentials are worth. */
function unlessSignInRefused(error: unknown): undefined {
  if (error instanceof RegistryError && (error.status === 401 || error.status === 403)) return;
  throw error;
}

/** Answers of registries that can't mount, or not from there; they may take an upload all the same. */
const MOUNT_REFUSED = [400, 403, 404, 405];

/**
 * Where the registry wants the bytes. Its address is judged like a redirect: a registry on the
 * internet must not have them sent to this machine or its network.
 */
function uploadLocation(
  { origin }: Connection,
  repository: string,
  what: string,
  { headers }: Reply,
): URL {
  const location = headers.get("location");
  if (location === null) {
    throw new RegistryError("REGISTRY_PROTOCOL", `${what}: the registry names no upload address`);
  }
  return redirectTarget(new URL(`/v2/${repository}/blobs/uploads/`, origin), location);
}

/** Bytes of a blob, to be sent in one piece to where an upload wants them. */
interface UploadBody {
  digest: string;
  size: number;
  bytes: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /** Ends it, in place of the time that an answer may take. */
  limit?: AbortSignal;
}

/** Sends a blob to where its upload wants it. Asked once. */
export async function finishUpload(
  connection: Connection,
  repository: string,
  what: string,
  location: URL,
  { digest, size, bytes, limit }: UploadBody,
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", digest);
  const reply = await connection.call({
    method: "PUT",
    repository,
    path: url,
    headers: { "content-type": "application/octet-stream", "content-length": String(size) },
    body: bytes,
    limit,
    maxBytes: MAX_ANSWER_BYTES,
    what,
  });
  if (reply.status !== 201) throw uploadRefusal(connection, what, reply);
}

/**
 * Sends a blob to where its upload wants it, in as many requests as it has chunks: for registries, or
 * proxies before them, that take no large request. Asked once.
 */
export async function sendChunks(
  connection: Connection,
  repository: string,
  what: string,
  location: URL,
  digest: string,
  chunks: AsyncIterable<Uint8Array<ArrayBuffer>>,
): Promise<void> {
  let next = location;
  let start = 0;
  for await (const body of chunks) {
    const reply = await connection.call({
      method: "PATCH",
      repository,
      path: next,
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(body.length),
        "content-range": `${start}-${start + body.length - 1}`,
      },
      body,
      maxBytes: MAX_ANSWER_BYTES,
      what,
    });
    if (reply.status !== 202) throw uploadRefusal(connection, what, reply);
    next = uploadLocation(connection, repository, what, reply);
    start += body.length;
  }
  const nothing = { digest, size: 0, bytes: new Uint8Array() };
  await finishUpload(connection, repository, what, next, nothing);
}

/**
 * What an answer to the bytes of an upload means. A session that the registry no longer knows can
 * be begun anew, so it is worth another try.
 */
function uploadRefusal(connection: Connection, what: string, reply: Reply): RegistryError {
  if (reply.status !== 404 && reply.status !== 416) return connection.refusal(what, reply);
  return new RegistryError("UPLOAD_LOST", `${what}: HTTP ${reply.status}, the upload was lost`, {
    status: reply.status,
    transient: true,
    hint: hints.UPLOAD_LOST,
  });
}
