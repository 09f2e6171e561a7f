import { setTimeout as after } from "node:timers/promises";
import type { RegistryClient } from "./client.ts";
import { RegistryError } from "./failure.ts";
import type { Manifest } from "./manifest.ts";

/** How long a registry may answer with what a tag held before; milliseconds. */
const STALE_MS = 10_000;

/**
 * Lets a tag point to a manifest of its repository, and reads it back. Nothing is pulled or pushed
 * but the manifest itself.
 *
 * @param staleMs how long reads may lag behind the write; default 10 seconds
 * @throws RegistryError `TAG_UNCONFIRMED` when the registry still answers with another digest
 */
export async function moveTag(
  client: RegistryClient,
  repository: string,
  tag: string,
  manifest: Manifest,
  staleMs = STALE_MS,
): Promise<void> {
  await client.put(repository, tag, manifest);
  const end = Date.now() + staleMs;
  for (let pause = 100; ; pause = Math.min(pause * 2, 1000)) {
    const held = await client.head(repository, tag);
    if (held === manifest.digest) return;
    if (Date.now() + pause > end) {
      const found = held ?? "no such tag";
      throw new RegistryError(
        "TAG_UNCONFIRMED",
        `${client.host}/${repository}:${tag} was written, but reads back ${found} instead of ${manifest.digest}`,
        { hint: "look at the tag, and who else moves it, before anything else is promoted" },
      );
    }
    await after(pause);
  }
}
