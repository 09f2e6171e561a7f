import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { z } from "zod";

/** Small JSON records that outlive the session, one file per content key. */
export class DiskCache {
  private constructor(private readonly dir: string) {}

  static async open(dir: string): Promise<DiskCache> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    return new DiskCache(dir);
  }

  /** The record under `key`, or undefined when there is none or it does not have the expected shape. */
  async get<T>(key: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const path = this.#path(key);
    try {
      const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
      if (!parsed.success) return undefined;
      const now = new Date();
      void utimes(path, now, now).catch(() => undefined);
      return parsed.data;
    } catch {
      return undefined;
    }
  }

  /** All records of that shape, with the time of their last use: ms since the epoch. */
  async all<T>(schema: z.ZodType<T>): Promise<{ value: T; usedAt: number }[]> {
    const names = (await readdir(this.dir)).filter((name) => name.endsWith(".json"));
    const found: { value: T; usedAt: number }[] = [];
    for (const name of names) {
      const path = join(this.dir, name);
      try {
        const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
        if (parsed.success) found.push({ value: parsed.data, usedAt: (await stat(path)).mtimeMs });
      } catch {
        // Gone meanwhile, or cut short by a full disk: no record either way.
      }
    }
    return found;
  }

  /** Writes atomically: a crash leaves the old record or the new one. */
  async set(key: string, value: unknown): Promise<void> {
    const path = this.#path(key);
    const temporary = `${path}.${randomUUID()}`;
    await writeFile(temporary, JSON.stringify(value), { mode: 0o600 });
    await rename(temporary, path);
  }

  async delete(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  #path(key: string): string {
    return join(this.dir, `${key}.json`);
  }
}
