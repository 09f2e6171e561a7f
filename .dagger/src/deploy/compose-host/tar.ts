const BLOCK = 512;

/**
 * A tar archive (POSIX ustar) of small texts, in the order given.
 *
 * @param files texts by path; at most 100 bytes of a path, and folders come by themselves
 */
export function tarOf(files: readonly (readonly [path: string, text: string])[]): Buffer {
  const entries = files.flatMap(([path, text]) => {
    const content = Buffer.from(text);
    const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
    return [header(path, content.length), content, padding];
  });
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new RangeError(`too long for a tar archive: ${path}`);
  block.write(path, 0);
  block.write("0000600\0", 100);
  block.write("0000000\0".repeat(2), 108);
  block.write(`${size.toString(8).padStart(11, "0")}\0`, 124);
  block.write(`${"0".repeat(11)}\0`, 136);
  // The checksum is made with blanks in its own place.
  block.write(" ".repeat(8), 148);
  block.write("0", 156);
  block.write("ustar\0" + "00", 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}
