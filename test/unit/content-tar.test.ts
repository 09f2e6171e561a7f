import { execFile } from "node:child_process";
import { createReadStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { ContentStore } from "../../dagger/content/store.ts";
import { tarFromTree, treeFromTar } from "../../dagger/content/tar.ts";
import { type Entry, Tree } from "../../dagger/content/tree.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);

async function sample(store: ContentStore): Promise<Tree> {
  const metadata = { mode: 0o640, uid: 5, gid: 6, mtime: 1_700_000_000 };
  const file = async (content: Buffer | string): Promise<Entry> => ({
    kind: "file",
    ...metadata,
    blob: await store.putBytes(Buffer.from(content)),
  });
  return Tree.of([
    ["empty", { kind: "directory", ...metadata, mode: 0o2750 }],
    ["sub/ünïcode 😀.txt", await file("text")],
    [`${"long/".repeat(60)}name`, await file("deep")],
    ["x".repeat(255), await file("long name")],
    ["line\nbreak", await file("x")],
    ["binary", await file(Buffer.from(Array.from({ length: 256 }, (_, index) => index)))],
    ["large", await file(Buffer.alloc(3 * 1024 * 1024, "z"))],
    ["setuid", { ...(await file("x")), mode: 0o4755 }],
    ["link", { kind: "symlink", ...metadata, mode: 0o777, target: "../elsewhere/ü" }],
  ]);
}

test("a tree is the same after its way through a tar", async () => {
  const store = await ContentStore.open(join(await scratch(), "blobs"));
  const tree = await sample(store);
  const back = await treeFromTar(store, tarFromTree(store, tree));
  expect(back.key()).toBe(tree.key());
});

test("equal trees make equal tars", async () => {
  const store = await ContentStore.open(join(await scratch(), "blobs"));
  const tree = await sample(store);
  const [one, two] = await Promise.all([
    store.putStream(tarFromTree(store, tree)),
    store.putStream(tarFromTree(store, Tree.of([...tree.entries].reverse()))),
  ]);
  expect(one).toEqual(two);
});

test("what tar itself packed is read, hard links as files of their own", async () => {
  const root = await scratch({ "in/f": "content", "in/sub/g": "g", "in/empty/": "" });
  await run("ln", [join(root, "in/f"), join(root, "in/hard")]);
  await run("ln", ["-s", "f", join(root, "in/soft")]);
  await run("tar", ["-C", join(root, "in"), "-cf", join(root, "x.tar"), "."]);
  const store = await ContentStore.open(join(root, "blobs"));
  const tree = await treeFromTar(store, createReadStream(join(root, "x.tar")));
  expect(tree.list("")).toEqual(["empty/", "f", "hard", "soft", "sub/"]);
  expect(tree.get("hard")).toMatchObject({ kind: "file", blob: { size: 7 } });
  expect(tree.get("soft")).toMatchObject({ kind: "symlink", target: "f" });
});

test("a tar that is cut short is an error", async () => {
  const root = await scratch();
  const store = await ContentStore.open(join(root, "blobs"));
  const whole = await store.putStream(tarFromTree(store, await sample(store)));
  const bytes = await store.bytes(whole.digest);
  await writeFile(join(root, "cut.tar"), bytes.subarray(0, bytes.length / 2));
  await expect(treeFromTar(store, createReadStream(join(root, "cut.tar")))).rejects.toThrow();
});
