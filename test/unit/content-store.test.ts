import { createHash, randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { ContentStore } from "../../dagger/content/store.ts";
import { scratch } from "../support/scratch.ts";

const open = async (): Promise<ContentStore> => ContentStore.open(join(await scratch(), "blobs"));
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

test("bytes and streams of equal content are one blob, named by its digest", async () => {
  const store = await open();
  const bytes = randomBytes(300_000);
  const expected = { digest: sha256(bytes), size: bytes.length };
  const pieces = [bytes.subarray(0, 7), bytes.subarray(7)];
  expect(await store.putBytes(bytes)).toEqual(expected);
  expect(await store.putStream(Readable.from(pieces))).toEqual(expected);
  expect((await store.bytes(expected.digest)).equals(bytes)).toBe(true);
});

test("many writers of the same content do not disturb each other", async () => {
  const store = await open();
  const bytes = randomBytes(100_000);
  const blobs = await Promise.all(
    Array.from({ length: 30 }, (_, index) =>
      index % 2 ? store.putBytes(bytes) : store.putStream(Readable.from([bytes])),
    ),
  );
  expect(new Set(blobs.map(({ digest }) => digest)).size).toBe(1);
  expect(sha256(await store.bytes(sha256(bytes)))).toBe(sha256(bytes));
});

test("a stream that breaks leaves nothing behind", async () => {
  const store = await open();
  async function* broken(): AsyncGenerator<Buffer> {
    yield Buffer.from("begun");
    await Promise.resolve();
    throw new Error("connection lost");
  }
  await expect(store.putStream(Readable.from(broken()))).rejects.toThrow("connection lost");
  expect(await readdir(join(store.dir, "tmp"))).toEqual([]);
  expect(await store.has(sha256(Buffer.from("begun")))).toBe(false);
});

test("a blob that is not there is not there", async () => {
  const store = await open();
  expect(await store.has("0".repeat(64))).toBe(false);
  await expect(store.bytes("0".repeat(64))).rejects.toThrow("ENOENT");
});
