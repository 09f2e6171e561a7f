import { createHash, randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { SluiceError } from "../core/error.ts";
import type { Blob } from "./tree.ts";

/** Bytes by their SHA-256, on disk. A blob appears whole or not at all, so processes can share a store. */
export class ContentStore {
  private constructor(readonly dir: string) {}

  /** Opens (and makes) a store. */
  static async open(dir: string): Promise<ContentStore> {
    await mkdir(join(dir, "tmp"), { recursive: true, mode: 0o700 }).catch(diskError);
    return new ContentStore(dir);
  }

  async putBytes(data: Uint8Array): Promise<Blob> {
    const digest = createHash("sha256").update(data).digest("hex");
    const blob = { digest, size: data.length };
    if (await this.has(digest)) return blob;
    const temporary = this.#temporary();
    try {
      await writeFile(temporary, data);
      await this.#keep(temporary, digest);
    } catch (error) {
      await rm(temporary, { force: true });
      return diskError(error);
    }
    return blob;
  }

  /** Hashes while writing; memory use does not depend on the size. */
  async putStream(stream: Readable): Promise<Blob> {
    const temporary = this.#temporary();
    const hash = createHash("sha256");
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        hash.update(chunk);
        size += chunk.length;
        done(null, chunk);
      },
    });
    try {
      await pipeline(stream, measure, createWriteStream(temporary));
      const digest = hash.digest("hex");
      await this.#keep(temporary, digest);
      return { digest, size };
    } catch (error) {
      await rm(temporary, { force: true });
      return diskError(error);
    }
  }

  stream(digest: string): Readable {
    return createReadStream(this.path(digest));
  }

  bytes(digest: string): Promise<Buffer> {
    return readFile(this.path(digest));
  }

  path(digest: string): string {
    return join(this.dir, digest.slice(0, 2), digest);
  }

  async has(digest: string): Promise<boolean> {
    return stat(this.path(digest)).then(
      () => true,
      () => false,
    );
  }

  #temporary(): string {
    return join(this.dir, "tmp", randomUUID());
  }

  async #keep(temporary: string, digest: string): Promise<void> {
    const path = this.path(digest);
    await rename(temporary, path).catch(async (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      await mkdir(join(this.dir, digest.slice(0, 2)), { recursive: true });
      await rename(temporary, path);
    });
  }
}

/** Names a full disk for what it is; anything else passes through. */
function diskError(error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    throw new SluiceError("DISK_FULL", "no space left on the disk that holds the engine's state", {
      cause: error,
      hint: "Free space with `sluice prune`, or set SLUICE_HOME to a folder on another disk.",
    });
  }
  throw error;
}
