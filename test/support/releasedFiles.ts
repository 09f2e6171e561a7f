import { createHash } from "node:crypto";
import { join } from "node:path";
import type { CollectedFile } from "../../.dagger/src/files/collect.ts";
import { uploadFiles } from "../../.dagger/src/files/upload.ts";
import { RegistryClient } from "../../.dagger/src/registry/client.ts";
import type { Place } from "../../.dagger/src/registry/copy/place.ts";
import { scratch } from "./scratch.ts";

/** A firmware image and its map, as small as they can be. */
export const firmware = { "firmware.bin": "\u007fELF firmware", "firmware.map": "main 0x0800\n" };

/** Files of a build, on this machine, until the test ends. */
export async function collected(
  contents: Readonly<Record<string, string | Uint8Array>> = firmware,
): Promise<CollectedFile[]> {
  const folder = await scratch({ ...contents });
  return Object.entries(contents).map(([name, content]) => {
    const bytes = Buffer.from(content);
    const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
    return { name, digest, size: bytes.length, path: join(folder, name) };
  });
}

/** A repository of a registry on this machine, whose requests are tried again without pauses. */
export function placeIn({ host }: { host: string }, repository: string): Place {
  const retry = { sleep: () => Promise.resolve() };
  return { client: new RegistryClient({ host, access: "write", retry }), repository };
}

/** What a build says of where it comes from. */
export function labelsOf(commit: string): Record<string, string> {
  return {
    "org.opencontainers.image.revision": commit,
    "org.opencontainers.image.version": "1.4.0",
    "org.opencontainers.image.created": "2026-01-31T12:00:00Z",
  };
}

/** Publishes files for a commit; answers the digest of their artifact. */
export async function publishFiles(
  place: Place,
  commit: string,
  contents?: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  return uploadFiles(place, `sha-${commit}`, await collected(contents), labelsOf(commit));
}
