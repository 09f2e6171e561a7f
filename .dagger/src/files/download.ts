import { createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { dag, type Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { type Place, nameIn } from "../registry/copy/place.ts";
import { Limiter } from "../registry/limiter.ts";
import type { Release } from "../release.ts";
import type { ReleasedFile } from "./artifact.ts";
import { filesIn } from "./inspect.ts";
import { AT_ONCE } from "./limits.ts";
import { isIntact, readReleased } from "./read.ts";
import { type FilesWanted, releasedFiles } from "./wanted.ts";

/**
 * The released files of a service, with `SHA256SUMS`: by digest, their checksums taken as they come.
 *
 * @throws SluiceError what `releasedFiles` and `writeFiles` throw
 */
export async function downloadFiles(release: Release, wanted: FilesWanted): Promise<Directory> {
  const { place, digest } = await releasedFiles(release, wanted);
  // Below the function's own directory: only what lies there can be given back.
  const folder = await mkdtemp("files-");
  try {
    await writeFiles(place, digest, folder);
    return await dag.currentModule().workdir(folder).sync();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Writes the files that a repository holds under a digest, and the list of their checksums, to a
 * folder of this machine. They go to the disk as they come, and are never held in memory.
 *
 * @throws SluiceError `FILES_CORRUPT` for a file that is not what was released: it is not kept;
 *   `FILES_INVALID`; RegistryError
 */
export async function writeFiles(
  place: Place,
  digest: string,
  folder: string,
): Promise<readonly WrittenFile[]> {
  const { files, sums } = await filesIn(place, digest);
  const limiter = new Limiter(AT_ONCE);
  const write = async (file: ReleasedFile): Promise<WrittenFile> => {
    const path = join(folder, file.name);
    const found = await readReleased(place, file, (pieces) =>
      pipeline(pieces, createWriteStream(path)),
    );
    if (isIntact(file, found)) return { ...file, path };
    await rm(path, { force: true });
    throw new SluiceError(
      "FILES_CORRUPT",
      `${file.name} of ${nameIn(place, digest)}: expected ${file.digest} (${file.size} bytes), got ${found.digest} (${found.size} bytes)`,
      { hint: "take it from another registry, or publish a new commit" },
    );
  };
  return Promise.all([...files, sums].map((file) => limiter.run(() => write(file))));
}

/** A released file, on this machine. */
export interface WrittenFile extends ReleasedFile {
  path: string;
}
