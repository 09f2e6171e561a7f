/** Width and height of a PNG; throws for what is none, or is not whole. */
export function pngSize(bytes: Uint8Array): { width: number; height: number } {
  const png = Buffer.from(bytes);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  if (!png.subarray(0, 8).equals(signature) || png.toString("latin1", 12, 16) !== "IHDR") {
    throw new Error("this is no PNG");
  }
  if (png.toString("latin1", png.length - 8, png.length - 4) !== "IEND") {
    throw new Error("this PNG has no end");
  }
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
