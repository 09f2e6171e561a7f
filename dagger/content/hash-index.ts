import { createHash, randomUUID } from "node:crypto";
import type { Stats } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { Blob } from "./tree.ts";

const shape = z.record(z.string(), z.tuple([z.string(), z.string(), z.number()]));

/** Remembers digests of host files by size, time and inode, so an unchanged folder is not read again. */
export class HashIndex {
  readonly #next: z.infer<typeof shape> = {};
  #changed = false;

  private constructor(
    private readonly path: string,
    private readonly known: z.infer<typeof shape>,
  ) {}

  /** The index for one folder. A damaged index counts as none. */
  static async open(store: string, dir: string): Promise<HashIndex> {
    await mkdir(store, { recursive: true });
    const path = join(store, `${createHash("sha256").update(dir).digest("hex").slice(0, 32)}.json`);
    try {
      return new HashIndex(path, shape.parse(JSON.parse(await readFile(path, "utf8"))));
    } catch {
      return new HashIndex(path, {});
    }
  }

  async blob(
    path: string,
    stats: Stats,
    hash: () => Promise<Blob>,
    kept: (digest: string) => Promise<boolean>,
  ): Promise<Blob> {
    const state = `${stats.size}:${stats.mtimeMs}:${stats.ctimeMs}:${stats.ino}`;
    const found = Object.hasOwn(this.known, path) ? this.known[path] : undefined;
    if (found?.[0] === state && (await kept(found[1]))) {
      this.#next[path] = found;
      return { digest: found[1], size: found[2] };
    }
    const blob = await hash();
    // A file written within the clock's grain may change again without showing: don't trust it next time.
    if (Date.now() - stats.mtimeMs > 50) this.#next[path] = [state, blob.digest, blob.size];
    this.#changed = true;
    return blob;
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    const temporary = `${this.path}.${randomUUID()}`;
    await writeFile(temporary, JSON.stringify({ ...this.known, ...this.#next }));
    await rename(temporary, this.path);
  }
}
