import type { Connection } from "./connection.ts";
import { digestOf, shortDigest } from "./digest.ts";
import { RegistryError } from "./failure.ts";
import { redirectTarget } from "./http/redirect.ts";
import type { Reply } from "./http/send.ts";

/** Largest blob that is read into memory, and largest answer to anything else; bytes. */
const MAX_BLOB_BYTES = 16 * 1024 * 1024;
const MAX_ANSWER_BYTES = 64 * 1024;

/** Reads a small blob, such as a config or a record; its bytes are checked against its digest. */
export async function readBlob(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<Uint8Array<ArrayBuffer>> {
  const what = `GET ${connection.host}/${repository} blob ${shortDigest(digest)}`;
  return connection.retried(async () => {
    const reply = await connection.call({
      method: "GET",
      repository,
      path: `blobs/${digest}`,
      maxBytes: MAX_BLOB_BYTES,
      what,
    });
    if (reply.status !== 200) throw connection.refusal(what, reply);
    const found = digestOf(reply.bytes);
    if (found === digest) return reply.bytes;
    throw new RegistryError("DIGEST_MISMATCH", `${what}: expected ${digest}, got ${found}`, {
      transient: true,
    });
  });
}

/** Writes a small blob in one piece, unless it is there already. Answers its digest. */
export async function writeBlob(
  connection: Connection,
  repository: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const digest = digestOf(bytes);
  const what = `PUT ${connection.host}/${repository} blob ${shortDigest(digest)}`;
  await connection.retried(async () => {
    if (await hasBlob(connection, repository, digest)) return;
    const url = await startUpload(connection, repository, what);
    url.searchParams.set("digest", digest);
    const reply = await connection.call({
      method: "PUT",
      repository,
      path: url,
      headers: { "content-type": "application/octet-stream" },
      body: bytes,
      maxBytes: MAX_ANSWER_BYTES,
      what,
    });
    if (reply.status !== 201) throw connection.refusal(what, reply);
  });
  return digest;
}

/** Whether a repository has a blob. */
export async function hasBlob(
  connection: Connection,
  repository: string,
  digest: string,
): Promise<boolean> {
  const what = `HEAD ${connection.host}/${repository} blob ${shortDigest(digest)}`;
  return connection.retried(async () => {
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
  });
}

/** Begins an upload; answers where its bytes go. */
async function startUpload(connection: Connection, repository: string, what: string): Promise<URL> {
  const reply = await connection.call({
    method: "POST",
    repository,
    path: "blobs/uploads/",
    maxBytes: MAX_ANSWER_BYTES,
    what,
  });
  if (reply.status !== 202) throw connection.refusal(what, reply);
  return uploadLocation(connection, repository, what, reply);
}

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
