import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, pack, type Header, type Pack } from "tar-stream";
import { SluiceError } from "../core/error.ts";
import { normalise } from "./path.ts";
import type { ContentStore } from "./store.ts";
import { Tree, type Entry } from "./tree.ts";

/** Content up to this size is handled in memory: one write instead of a stream per small file. */
const smallBytes = 1024 * 1024;

/** Reads a tar into a tree. Hard links become files of their own; devices and sockets are left out. */
export async function treeFromTar(store: ContentStore, tar: Readable): Promise<Tree> {
  const entries = new Map<string, Entry>();
  const reader = extract();
  tar.once("error", (error) => reader.destroy(error));
  tar.pipe(reader);
  for await (const item of reader) {
    const { header } = item as unknown as { header: Header };
    const entry = await entryFrom(store, header, item as unknown as Readable, entries);
    if (entry) entries.set(normalise(header.name), entry);
    else (item as unknown as Readable).resume();
  }
  return Tree.of(entries);
}

/** What the first entry of a tar is; the rest is not read. File content is measured, not kept. */
export async function firstEntry(tar: Readable): Promise<Entry | undefined> {
  const reader = extract();
  tar.once("error", (error) => reader.destroy(error));
  tar.pipe(reader);
  try {
    for await (const item of reader) {
      const { header } = item as unknown as { header: Header };
      const metadata = metadataOf(header);
      if (header.type === "directory") return { kind: "directory", ...metadata };
      if (header.type === "symlink")
        return { kind: "symlink", ...metadata, target: header.linkname };
      return { kind: "file", ...metadata, blob: { digest: "", size: header.size } };
    }
    return undefined;
  } finally {
    tar.destroy();
  }
}

function metadataOf(header: Header) {
  return {
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    mtime: Math.floor(header.mtime.getTime() / 1000),
  };
}

async function entryFrom(
  store: ContentStore,
  header: Header,
  content: Readable,
  known: ReadonlyMap<string, Entry>,
): Promise<Entry | undefined> {
  const metadata = metadataOf(header);
  switch (header.type) {
    case "directory":
      content.resume();
      return { kind: "directory", ...metadata };
    case "symlink":
      content.resume();
      return { kind: "symlink", ...metadata, target: header.linkname };
    case "link": {
      content.resume();
      const target = known.get(normalise(header.linkname));
      if (target?.kind === "file") return target;
      throw new SluiceError(
        "INVALID_ARCHIVE",
        `tar entry ${header.name} is a hard link to ${header.linkname}, which is not in the archive`,
      );
    }
    case "file":
    case "contiguous-file":
      return { kind: "file", ...metadata, blob: await keep(store, content, header.size) };
    default:
      return undefined;
  }
}

async function keep(store: ContentStore, content: Readable, size: number) {
  if (size > smallBytes) return store.putStream(content);
  const chunks: Buffer[] = [];
  for await (const chunk of content as AsyncIterable<Buffer>) chunks.push(chunk);
  return store.putBytes(Buffer.concat(chunks));
}

/** Writes a tree as tar, in an order and with headers that depend on the tree alone. */
export function tarFromTree(
  store: ContentStore,
  tree: Tree,
  options: { prefix?: string } = {},
): Readable {
  const archive = pack();
  const prefix = options.prefix ? `${normalise(options.prefix)}/` : "";
  void writeAll(store, tree, archive, prefix).catch((error: unknown) =>
    archive.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  return Readable.from(archive, { objectMode: false });
}

async function writeAll(
  store: ContentStore,
  tree: Tree,
  archive: Pack,
  prefix: string,
): Promise<void> {
  for (const path of [...tree.entries.keys()].sort()) {
    const entry = tree.entries.get(path) as Entry;
    const header = {
      name: prefix + path,
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      mtime: new Date(entry.mtime * 1000),
    };
    if (archive.destroyed) return;
    if (entry.kind === "directory")
      await written(archive, { ...header, name: `${header.name}/`, type: "directory" });
    else if (entry.kind === "symlink")
      await written(archive, { ...header, type: "symlink", linkname: entry.target });
    else if (entry.blob.size <= smallBytes)
      await written(archive, { ...header, type: "file" }, await store.bytes(entry.blob.digest));
    else {
      const sink = archive.entry({ ...header, type: "file", size: entry.blob.size });
      await pipeline(store.stream(entry.blob.digest), sink);
    }
  }
  archive.finalize();
}

type PackHeader = Parameters<Pack["entry"]>[0];

function written(archive: Pack, header: PackHeader, content?: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (error?: Error | null) => (error ? reject(error) : resolve());
    if (content) archive.entry(header, content, done);
    else archive.entry(header, done);
  });
}
