import type { Daemon } from "../daemon/daemon.ts";
import { parseReference } from "../registry/reference.ts";

/** Names an image in Docker's store. A name without tag gets `latest`. */
export async function tagImage(daemon: Daemon, image: string, name: string): Promise<void> {
  const { repository, tag } = parseReference(name);
  await daemon.call("POST", `/images/${image}/tag`, {
    query: { repo: repository, tag: tag ?? "latest" },
  });
}
