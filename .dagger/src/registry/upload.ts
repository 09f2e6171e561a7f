import type { Connection } from "./connection.ts";
import { RegistryError } from "./failure.ts";
import { redirectTarget } from "./http/redirect.ts";
import type { Reply } from "./http/send.ts";

/** Largest answer to a request about an upload; bytes. */
export const MAX_ANSWER_BYTES = 64 * 1024;

/** Begins an upload; answers where its bytes go. */
export async function beginUpload(
  connection: Connection,
  repository: string,
  what: string,
): Promise<URL> {
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

/**
 * What an answer to the bytes of an upload means. A session that the registry no longer knows can
 * be begun anew, so it is worth another try.
 */
export function uploadRefusal(connection: Connection, what: string, reply: Reply): RegistryError {
  if (reply.status !== 404 && reply.status !== 416) return connection.refusal(what, reply);
  return new RegistryError("UPLOAD_LOST", `${what}: HTTP ${reply.status}, the upload was lost`, {
    status: reply.status,
    transient: true,
    hint: "run this again; if it stays so, the registry's replicas may not share their uploads",
  });
}
