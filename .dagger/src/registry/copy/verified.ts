import { createHash } from "node:crypto";
import { RegistryError } from "../failure.ts";
import type { Descriptor } from "./contents.ts";

/**
 * Passes a blob's pieces on, each only after the next one is there, and the last one only if the
 * whole has the digest and size that it should have: who receives a wrong blob receives no end.
 *
 * @param what for the message: `GET ghcr.io/acme/backend blob 0123456789ab`
 * @throws RegistryError `DIGEST_MISMATCH`, worth another try: most likely bytes were lost on the way
 */
export async function* verified(
  pieces: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  what: string,
): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  let length = 0;
  let held: Uint8Array | undefined;
  for await (const piece of pieces) {
    length += piece.length;
    if (length > size) throw wrong(`${what}: expected ${size} bytes, got more`);
    hash.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (length < size) throw wrong(`${what}: expected ${size} bytes, got ${length}`);
  const found = `sha256:${hash.digest("hex")}`;
  if (found !== digest) throw wrong(`${what}: expected ${digest}, got ${found}`);
  if (held) yield held;
}

function wrong(reason: string): RegistryError {
  return new RegistryError("DIGEST_MISMATCH", reason, {
    transient: true,
    hint: "run this again; if it stays so, the source registry keeps other bytes than it should",
  });
}
