import { createWriteStream } from "node:fs";
import { mkdir, open, readFile } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import type { Workshop } from "../workshop.ts";
import { type Compression, compressionOf } from "./compress.ts";

/** An image as `docker save` gives it. */
export interface SavedImage {
  /** Docker's own config, byte for byte. */
  config: Buffer;
  /** Lowest first. */
  layers: SavedLayer[];
}

export interface SavedLayer {
  /** File with the layer's tar. */
  path: string;
  compression: Compression;
}

const saveManifest = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) }));

/** Saves an image into an empty folder; the stream is read once. */
export async function saveImage(
  { daemon, signal }: Pick<Workshop, "daemon" | "signal">,
  image: string,
  folder: string,
): Promise<SavedImage> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const tar = await daemon.stream("GET", `/images/${image}/get`, { signal });
  const files = new Map<string, string>();
  const links = new Map<string, string>();
  const reader = extract();
  tar.once("error", (error) => reader.destroy(error));
  tar.pipe(reader);
  for await (const item of reader) {
    const { name, type, linkname } = item.header;
    if (type === "file") {
      const path = join(folder, String(files.size));
      await pipeline(item, createWriteStream(path));
      files.set(name, path);
      continue;
    }
    // Layers that occur twice are links to their first occurrence.
    if (type === "symlink") links.set(name, posix.join(posix.dirname(name), linkname));
    item.resume();
  }
  const pathOf = (name: string): string => {
    const path = files.get(name) ?? files.get(links.get(name) ?? "");
    if (path !== undefined) return path;
    throw new SluiceError("DOCKER_ERROR", `Docker's archive of ${image} lacks ${name}`);
  };
  const manifest: unknown = JSON.parse(await readFile(pathOf("manifest.json"), "utf8"));
  const [entry] = saveManifest.parse(manifest);
  if (!entry) throw new SluiceError("DOCKER_ERROR", `Docker's archive of ${image} is empty`);
  const layers = entry.Layers.map(pathOf).map(async (path) => ({
    path,
    compression: compressionOf(await headOf(path)),
  }));
  return { config: await readFile(pathOf(entry.Config)), layers: await Promise.all(layers) };
}

async function headOf(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
