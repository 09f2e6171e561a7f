import type { Duplex } from "node:stream";
import { PassThrough } from "node:stream";
import * as zlib from "node:zlib";
import { SluiceError } from "../../core/error.ts";
import type { MediaTypes } from "./manifest.ts";

export type Compression = "gzip" | "zstd" | "uncompressed";

/** Node writes no time and no name into gzip headers, so equal input gives equal output. */
const GZIP_LEVEL = 5;

export function compressor(compression: Compression): Duplex {
  switch (compression) {
    case "gzip":
      return zlib.createGzip({ level: GZIP_LEVEL });
    case "uncompressed":
      return new PassThrough();
    case "zstd":
      return (zstd.createZstdCompress ?? lacking("write"))();
  }
}

export function decompressor(compression: Compression): Duplex {
  switch (compression) {
    case "gzip":
      return zlib.createGunzip();
    case "uncompressed":
      return new PassThrough();
    case "zstd":
      return (zstd.createZstdDecompress ?? lacking("read"))();
  }
}

/** Node has these since 22.15. */
const zstd = zlib as { createZstdCompress?: () => Duplex; createZstdDecompress?: () => Duplex };

function lacking(verb: string): never {
  throw new SluiceError("COMPRESSION_UNSUPPORTED", `Node ${process.version} cannot ${verb} zstd`, {
    hint: "Use Node 22.15 or later, or gzip compression.",
  });
}

export function layerType(types: MediaTypes, compression: Compression): string {
  if (compression === "gzip") return types.gzipLayer;
  return compression === "zstd" ? types.zstdLayer : types.layer;
}

/** What a stream that starts with these bytes is compressed with. */
export function compressionOf(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  const zstd = head[0] === 0x28 && head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd;
  return zstd ? "zstd" : "uncompressed";
}
