import { once } from "node:events";
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { ContentStore } from "../../content/store.ts";
import type { Entry, Tree } from "../../content/tree.ts";
import { type FileStat, Packet } from "./protocol.ts";

const TYPE = { stat: 0, request: 1, data: 2, finish: 3, error: 4 } as const;

type PacketValue = ReturnType<typeof Packet.decode>;
export type PacketStream = ServerDuplexStream<PacketValue, PacketValue>;

const NO_DATA = new Uint8Array();

/**
 * Sends a tree to BuildKit: first what there is, then the content of the files that BuildKit asks
 * for, which are those that it does not have from an earlier build.
 */
export async function sendTree(
  store: ContentStore,
  tree: Tree,
  stream: PacketStream,
): Promise<void> {
  const paths = [...tree.entries.keys()].sort(walkOrder);
  // One file after the other: the connection is the bottleneck, and open files are limited.
  let sent = describe(tree, paths, stream);
  await new Promise<void>((resolve, reject) => {
    // Not `for await`, which would close the stream before the last word is said.
    stream.on("data", ({ type, ID, data }: PacketValue) => {
      if (type === TYPE.finish) sent.then(resolve, reject);
      else if (type === TYPE.error) reject(new Error(Buffer.from(data).toString()));
      else if (type === TYPE.request) {
        const entry = tree.entries.get(paths[ID] ?? "");
        if (entry?.kind !== "file") return reject(new Error(`there is no file number ${ID}`));
        sent = sent.then(() => sendFile(store, entry.blob.digest, ID, stream));
        sent.catch(reject);
      }
    });
    stream.on("error", reject);
    stream.on("end", () => reject(new Error("BuildKit hung up")));
    stream.on("cancelled", () => reject(new Error("BuildKit hung up")));
  });
  await write(stream, { type: TYPE.finish, ID: 0, data: NO_DATA });
}

/** A directory is followed by all that is in it, names in byte order, as BuildKit insists. */
function walkOrder(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a.replaceAll("/", "\0")), Buffer.from(b.replaceAll("/", "\0")));
}

async function describe(tree: Tree, paths: readonly string[], stream: PacketStream): Promise<void> {
  for (const path of paths) {
    const entry = tree.entries.get(path);
    if (!entry) continue;
    await write(stream, { type: TYPE.stat, stat: statOf(path, entry), ID: 0, data: NO_DATA });
  }
  await write(stream, { type: TYPE.stat, ID: 0, data: NO_DATA });
}

async function sendFile(
  store: ContentStore,
  digest: string,
  ID: number,
  stream: PacketStream,
): Promise<void> {
  for await (const data of store.stream(digest) as AsyncIterable<Buffer>) {
    await write(stream, { type: TYPE.data, ID, data });
  }
  await write(stream, { type: TYPE.data, ID, data: NO_DATA });
}

async function write(stream: PacketStream, packet: PacketValue): Promise<void> {
  if (!stream.write(packet)) await once(stream, "drain");
}

/** Bits of Go's `fs.FileMode`. */
const GO = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  sticky: 2 ** 20,
};

function statOf(path: string, entry: Entry): FileStat {
  const kind =
    entry.kind === "directory" ? GO.directory : entry.kind === "symlink" ? GO.symlink : 0;
  const special =
    (entry.mode & 0o4000 ? GO.setuid : 0) +
    (entry.mode & 0o2000 ? GO.setgid : 0) +
    (entry.mode & 0o1000 ? GO.sticky : 0);
  return {
    path,
    mode: kind + special + (entry.mode & 0o777),
    // What a Dockerfile copies belongs to root, unless it says otherwise.
    uid: 0,
    gid: 0,
    size: entry.kind === "file" ? entry.blob.size : 0,
    modTime: modTimeOf(entry),
    linkname: entry.kind === "symlink" ? entry.target : "",
  };
}

const SECOND = 1_000_000_000n;

/**
 * BuildKit takes a file for unchanged when size and time are those that it knows, and times may be
 * equal by design (a checkout, a reproducible build). So the part of the time below the second, which
 * no image keeps, stands for the content.
 */
function modTimeOf(entry: Entry): { low: number; high: number } {
  const content = entry.kind === "file" ? BigInt(`0x${entry.blob.digest.slice(0, 16)}`) : 0n;
  const time = BigInt(entry.mtime) * SECOND + (content % SECOND);
  return { low: Number(BigInt.asIntN(32, time)), high: Number(BigInt.asIntN(32, time >> 32n)) };
}
