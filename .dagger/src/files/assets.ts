import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { placeOf } from "../candidate/place.ts";
import { SUMS_NAME } from "../pipeline/schema/output-file.ts";
import type { Release } from "../release.ts";
import { writeFiles } from "./download.ts";
import { hexOf } from "./sums.ts";

/** A file to be attached to a release elsewhere, such as GitHub's. */
export interface ReleaseAsset {
  /** Unique among those of the release. */
  name: string;
  /** On this machine. */
  path: string;
  /** Bytes. */
  size: number;
  /** 64 hex digits. */
  sha256: string;
}

/**
 * The files of a release, of all its services; none where no service is files. Where two services
 * have files of one name, every name begins with its service's: `board-a_firmware.bin`.
 *
 * @param digests of the release, by service: those of a candidate, a channel, or an event
 * @param folder where they are written to; empty, and removed by whoever made it
 * @throws SluiceError what `writeFiles` throws
 */
export async function releaseAssets(
  { pipeline, registries }: Pick<Release, "pipeline" | "registries">,
  digests: Readonly<Record<string, string>>,
  folder: string,
): Promise<ReleaseAsset[]> {
  const registry = registries.named();
  const written = await Promise.all(
    pipeline.services.map(async (service) => {
      const { name, files } = service;
      const digest = digests[name];
      if (files.length === 0 || digest === undefined) return [];
      const own = join(folder, name);
      await mkdir(own);
      const all = await writeFiles(await placeOf({ service, registry }, "read"), digest, own);
      return all.map((file) => ({ ...file, service: name }));
    }),
  );
  // Their own lists of checksums name files as they are called within their services.
  const files = written.flat().filter(({ name }) => name !== SUMS_NAME);
  const shared = new Set(files.map(({ name }) => name)).size < files.length;
  return files.map(({ service, name, path, size, digest }) => ({
    // No service has an underscore in its name: the first one ends it.
    name: shared ? `${service}_${name}` : name,
    ...{ path, size, sha256: hexOf(digest) },
  }));
}
