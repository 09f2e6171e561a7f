import type { Call, Connection } from "./connection.ts";
import { digestOf, shortDigest } from "./digest.ts";
import { hints, RegistryError } from "./failure.ts";
import type { Opened } from "./http/open.ts";
import type { Reply } from "./http/send.ts";
import { beginUpload, finishUpload, MAX_ANSWER_BYTES } from "./upload.ts";

/** Largest blob that is read into memory; bytes. */
const MAX_BLOB_BYTES = 16 * 1024 * 1024;

/** Reads a small blob, such as a config or a record; its bytes are checked against its digest. */
export function readBlob(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  return connection.retried(() => fetchBlob(connection, repository, digest));
}

/** Like `readBlob`, without another try. */
export async function fetchBlob(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const what = blobCall("GET", connection, repository, digest);
  const reply = await connection.call(blobRequest(repository, digest, what));
  if (reply.status !== 200) throw blobRefusal(connection, what, reply);
  const found = digestOf(reply.bytes);
  if (found === digest) return reply.bytes;
  throw new RegistryError("DIGEST_MISMATCH", `${what}: expected ${digest}, got ${found}`, {
    transient: true,
  });
}

/** Begins to read a blob of any size; nothing is checked. */
export async function openBlob(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<Opened> {
  const what = blobCall("GET", connection, repository, digest);
  const reply = await connection.open(blobRequest(repository, digest, what));
  if ("body" in reply) return reply;
  throw blobRefusal(connection, what, reply);
}

function blobRequest(repository: string, digest: string, what: string): Call {
  return { method: "GET", repository, path: `blobs/${digest}`, maxBytes: MAX_BLOB_BYTES, what };
}

/**
 * Writes a small blob in one piece, unless it is there already. Answers its digest. Each try
 * begins a new upload: bytes that arrived in an earlier one are no part of the repository.
 */
export async function writeBlob(
  connection: Connection,
  repository: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = digestOf(bytes);
  const what = blobCall("PUT", connection, repository, digest);
  await connection.retried(async () => {
    if (await blobExists(connection, repository, digest)) return;
    const location = await beginUpload(connection, repository, what);
    if (!location) return;
    await finishUpload(connection, repository, what, location, {
      digest,
      size: bytes.length,
      bytes,
    });
  });
  return digest;
}

/** Whether a repository has a blob; asked once, without another try. */
export async function blobExists(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<boolean> {
  const what = blobCall("HEAD", connection, repository, digest);
  const reply = await connection.call({
    method: "HEAD",
    repository,
    path: `blobs/${digest}`,
    maxBytes: MAX_ANSWER_BYTES,
    what,
  });
  if (reply.status === 404) return false;
  if (reply.status !== 200) throw connection.refusal(what, reply);
  return true;
}

/** A request about a blob, for messages. */
export function blobCall(
  method: string,
  { host }: Connection,
  repository: string,
  digest: string,
): string {
  return `${method} ${host}/${repository} blob ${shortDigest(digest)}`;
}

/** What an answer to the reading of a blob means. */
function blobRefusal(connection: Connection, what: string, reply: Reply): RegistryError {
  if (reply.status !== 404) return connection.refusal(what, reply);
  return new RegistryError("BLOB_NOT_FOUND", `${what}: HTTP 404, the registry has no such blob`, {
    status: 404,
    hint: hints.BLOB_NOT_FOUND,
  });
}
