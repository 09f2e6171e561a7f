import type { Readable } from "node:stream";
import { posix } from "node:path";
import { z } from "zod";
import { loadTree, saveTree } from "../../content/saved.ts";
import { firstEntry, treeFromTar } from "../../content/tar.ts";
import { Tree, type Entry, type FileEntry } from "../../content/tree.ts";
import type { RootfsChange } from "../../docker/types.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Session } from "../../core/session.ts";
import { findEntry } from "../files/stat.ts";

/** What lies at a path of a root file system. */
export type Found = { kind: "directory"; tree: Tree } | { kind: "file"; entry: FileEntry };

/** A root file system, materialised as late as possible. */
export interface Rootfs {
  /** Content address; may have to evaluate what the file system is made of. */
  key(): Promise<string>;
  /** Docker image id that holds it. */
  image(): Promise<string>;
  /** The file or directory at an absolute path; symlinks are followed inside the root. */
  read(path: string): Promise<Found>;
  /** What is at an absolute path, a link itself included; file content is not read. */
  entry(path: string): Promise<Entry | undefined>;
  with(changes: Change[]): Rootfs;
}

/** A change by recipe: `key` names it without evaluating it. */
export interface Change {
  key: () => Promise<string>;
  load: () => Promise<RootfsChange>;
}

export const putTree = (path: string, load: () => Promise<Tree>): Change => ({
  key: async () => keyOf("put", path, (await load()).key()),
  load: async () => ({ kind: "put", path, tree: await load() }),
});

export const removePaths = (paths: string[]): Change => ({
  key: async () => keyOf("remove", paths),
  load: async () => ({ kind: "remove", paths }),
});

/** The file system of an image in Docker's store. */
export class ImageRootfs implements Rootfs {
  constructor(
    private readonly session: Session,
    private readonly platform: string,
    readonly id: string,
  ) {}

  key = async (): Promise<string> => this.id;
  image = async (): Promise<string> => this.id;

  read(path: string): Promise<Found> {
    return readImage(this.session, this.id, path);
  }

  entry(path: string): Promise<Entry | undefined> {
    return imageEntry(this.session, this.id, path);
  }

  with(changes: Change[]): Rootfs {
    return new ChangedRootfs(this.session, this.platform, this, changes);
  }
}

/** A file system known entry by entry: made from nothing, so no Docker is needed to look at it. */
export class TreeRootfs implements Rootfs {
  constructor(
    private readonly session: Session,
    private readonly platform: string,
    private readonly load: () => Promise<Tree>,
  ) {}

  key = async (): Promise<string> => keyOf("tree-rootfs", (await this.load()).key());

  async image(): Promise<string> {
    return this.session.once(keyOf("tree-image", await this.key(), this.platform), async () => {
      const runtime = await this.session.runtime();
      return (await runtime.scratch(this.platform, await this.load())).id;
    });
  }

  async read(path: string): Promise<Found> {
    return findIn(await this.load(), path);
  }

  async entry(path: string): Promise<Entry | undefined> {
    return findEntry(await this.load(), path, false);
  }

  with(changes: Change[]): Rootfs {
    const load = () =>
      changes.reduce<Promise<Tree>>(
        async (tree, change) => apply(await tree, await change.load()),
        this.load(),
      );
    const key = Promise.all(changes.map((change) => change.key()));
    key.catch(() => undefined);
    return new TreeRootfs(this.session, this.platform, async () =>
      this.session.once(keyOf("tree-changed", await this.key(), await key), load),
    );
  }
}

/** Another file system plus changes that are applied together, in one step. */
export class ChangedRootfs implements Rootfs {
  constructor(
    private readonly session: Session,
    private readonly platform: string,
    private readonly base: Rootfs,
    private readonly changes: Change[],
  ) {}

  async key(): Promise<string> {
    const keys = await Promise.all([
      this.base.key(),
      ...this.changes.map((change) => change.key()),
    ]);
    return keyOf("changed", keys);
  }

  async image(): Promise<string> {
    const key = keyOf("changed-image", await this.key(), this.platform);
    return this.session.once(key, async () => {
      const runtime = await this.session.runtime();
      const known = await this.session.cache.get(key, z.object({ image: z.string() }));
      if (
        known &&
        (await runtime.inspect(known.image).then(
          () => true,
          () => false,
        ))
      )
        return known.image;
      const changes = await Promise.all(this.changes.map((change) => change.load()));
      const image = await runtime.change(await this.base.image(), this.platform, changes);
      await this.session.cache.set(key, { image });
      return image;
    });
  }

  async read(path: string): Promise<Found> {
    return readImage(this.session, await this.image(), path);
  }

  async entry(path: string): Promise<Entry | undefined> {
    return imageEntry(this.session, await this.image(), path);
  }

  with(changes: Change[]): Rootfs {
    return new ChangedRootfs(this.session, this.platform, this.base, [...this.changes, ...changes]);
  }
}

/** What is at a path of an image. */
export async function imageEntry(
  session: Session,
  image: string,
  path: string,
): Promise<Entry | undefined> {
  const runtime = await session.runtime();
  try {
    return await firstEntry(await runtime.archive(image, path));
  } catch (error) {
    if (error instanceof SluiceError && error.code === "PATH_NOT_FOUND") return undefined;
    throw error;
  }
}

const savedFound = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("directory"), tree: z.string() }),
  z.object({ kind: z.literal("file"), tree: z.string(), name: z.string() }),
]);

/** Reads a path of an immutable image; remembered across sessions. */
export async function readImage(session: Session, image: string, path: string): Promise<Found> {
  const key = keyOf("read-image", image, path);
  return session.once(key, async () => {
    const saved = await session.cache.get(key, savedFound);
    if (saved) {
      const tree = await loadTree(session.store, saved.tree).catch(() => undefined);
      const entry = tree && saved.kind === "file" ? tree.get(saved.name) : undefined;
      if (tree && saved.kind === "directory") return { kind: "directory", tree };
      if (entry?.kind === "file") return { kind: "file", entry };
    }
    const runtime = await session.runtime();
    const found = withoutStubs(
      await readArchive(session, (at) => runtime.archive(image, at), path),
      path,
    );
    const name = "file";
    const tree = found.kind === "directory" ? found.tree : Tree.of([[name, found.entry]]);
    const digest = await saveTree(session.store, tree);
    await session.cache.set(key, { kind: found.kind, tree: digest, name });
    return found;
  });
}

/** Docker leaves empty files where it mounts its init process; they are no part of the image. */
function withoutStubs(found: Found, path: string): Found {
  if (found.kind === "file" || path !== "/") return found;
  const stubs = ["sbin/docker-init", "usr/sbin/docker-init"].filter((stub) => {
    const entry = found.tree.get(stub);
    return entry?.kind === "file" && entry.blob.size === 0;
  });
  return stubs.length > 0 ? { kind: "directory", tree: found.tree.without(stubs) } : found;
}

/** Reads a path through Docker's archive call, which follows symlinks in parents but not at the end. */
export async function readArchive(
  session: Session,
  archive: (path: string) => Promise<Readable>,
  path: string,
): Promise<Found> {
  let at = posix.resolve("/", path);
  for (let hops = 0; hops < 40; hops++) {
    const tree = await treeFromTar(session.store, await archive(at));
    if (at === "/") return { kind: "directory", tree };
    const name = posix.basename(at);
    const entry = tree.get(name);
    if (!entry) throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
    if (entry.kind === "file") return { kind: "file", entry };
    if (entry.kind === "directory") return { kind: "directory", tree: tree.subtree(name) };
    at = posix.resolve(posix.dirname(at), entry.target);
  }
  throw new SluiceError("PATH_NOT_FOUND", `${path}: too many levels of symbolic links`);
}

/** Finds a path in a tree. */
export function findIn(tree: Tree, path: string): Found {
  const resolved = tree.resolve(path, { followLast: true });
  if (resolved === undefined)
    throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
  if (resolved === "") return { kind: "directory", tree };
  const entry = tree.get(resolved);
  if (entry?.kind === "file") return { kind: "file", entry };
  return { kind: "directory", tree: tree.subtree(resolved) };
}

function apply(tree: Tree, change: RootfsChange): Tree {
  return change.kind === "put"
    ? tree.withTree(change.path, change.tree, {})
    : tree.without(change.paths.map((path) => path.replace(/^\/+/, "")));
}
