import { z } from "zod";
import type { ContentStore } from "./store.ts";
import { Tree } from "./tree.ts";

const metadata = { mode: z.number(), uid: z.number(), gid: z.number(), mtime: z.number() };
const entry = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("file"),
    ...metadata,
    blob: z.object({ digest: z.string(), size: z.number() }),
  }),
  z.object({ kind: z.literal("symlink"), ...metadata, target: z.string() }),
  z.object({ kind: z.literal("directory"), ...metadata }),
]);
const manifest = z.object({
  root: z.object(metadata),
  entries: z.array(z.tuple([z.string(), entry])),
});

/** Keeps a tree's manifest as a blob; answers its digest. */
export async function saveTree(store: ContentStore, tree: Tree): Promise<string> {
  const text = JSON.stringify({ root: tree.root, entries: [...tree.entries] });
  return (await store.putBytes(Buffer.from(text))).digest;
}

/** The tree that was saved. Throws when the manifest is gone or not a manifest. */
export async function loadTree(store: ContentStore, digest: string): Promise<Tree> {
  const text = (await store.bytes(digest)).toString("utf8");
  const { root, entries } = manifest.parse(JSON.parse(text));
  return Tree.of(entries).withRoot(root);
}
