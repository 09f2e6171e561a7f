import { createReadStream, type Stats } from "node:fs";
import {
  chmod,
  copyFile,
  lstat,
  mkdir,
  opendir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { SluiceError } from "../core/error.ts";
import { ignoredByGit } from "./gitignore.ts";
import { HashIndex } from "./hash-index.ts";
import { joinPath } from "./path.ts";
import { matcher } from "./pattern.ts";
import type { ContentStore } from "./store.ts";
import { Tree, type Entry, type FileEntry, type Filter } from "./tree.ts";

const parallel = 16;
const streamAbove = 4 * 1024 * 1024;

export interface HostFilter extends Pick<Filter, "include" | "exclude"> {
  /** Leave out what the folder's own `.gitignore` files exclude, and `.git` itself. */
  gitignore?: boolean;
}

/** Reads a folder of this host. Owners become root, as Dagger has it; modes and links are kept. */
export async function treeFromHost(
  store: ContentStore,
  dir: string,
  filter: HostFilter = {},
): Promise<Tree> {
  const index = await HashIndex.open(join(store.dir, "hashes"), dir);
  const entries = new Map<string, Entry>();
  const files: { path: string; stats: Stats }[] = [];
  const ignoreFiles = filter.gitignore ? await gitignoreAbove(dir) : new Map<string, string>();
  const included = filter.include?.length ? matcher(filter.include) : undefined;
  const excluded = filter.exclude?.length ? matcher(filter.exclude) : undefined;
  const mayReinclude = filter.exclude?.some((pattern) => pattern.startsWith("!")) === true;

  const walk = async (folder: string): Promise<void> => {
    const names: string[] = [];
    for await (const item of await opendir(join(dir, folder))) names.push(item.name);
    if (filter.gitignore && names.includes(".gitignore")) {
      const path = joinPath(folder, ".gitignore");
      ignoreFiles.set(path, await readFile(join(dir, path), "utf8"));
    }
    const ignored = filter.gitignore ? ignoredByGit(ignoreFiles) : undefined;
    for (const name of names.sort()) {
      const path = joinPath(folder, name);
      const full = join(dir, path);
      const stats = await lstat(full).catch(vanished);
      if (!stats) continue;
      const isDirectory = stats.isDirectory();
      if (excluded?.(path) && !(isDirectory && mayReinclude)) continue;
      if (filter.gitignore && (name === ".git" || ignored?.(path, isDirectory))) continue;
      const metadata = {
        mode: stats.mode & 0o7777,
        uid: 0,
        gid: 0,
        mtime: Math.floor(stats.mtimeMs / 1000),
      };
      if (isDirectory) {
        if (!excluded?.(path)) entries.set(path, { kind: "directory", ...metadata });
        await walk(path);
      } else if (included && !included(path)) continue;
      else if (stats.isSymbolicLink())
        entries.set(path, { kind: "symlink", ...metadata, target: await readlink(full) });
      else if (stats.isFile()) files.push({ path, stats });
    }
  };
  await walk("");

  await inParallel(files, async ({ path, stats }) => {
    const blob = await index.blob(
      path,
      stats,
      () => blobOf(store, join(dir, path), stats.size),
      (digest) => store.has(digest),
    );
    const mtime = Math.floor(stats.mtimeMs / 1000);
    entries.set(path, { kind: "file", mode: stats.mode & 0o7777, uid: 0, gid: 0, mtime, blob });
  });
  await index.save();
  const tree = Tree.of([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
  return included ? tree.filter({ include: filter.include }) : tree;
}

/** `.gitignore` rules of the folders above, up to the repository's root, as rules of this folder. */
async function gitignoreAbove(dir: string): Promise<Map<string, string>> {
  const rules: string[] = [];
  const found = new Map<string, string>();
  for (let at = resolve(dir); ; at = dirname(at)) {
    const isRoot = (await stat(join(at, ".git")).catch(vanished)) !== undefined;
    if (at !== resolve(dir)) {
      const text = await readFile(join(at, ".gitignore"), "utf8").catch(vanished);
      if (text) rules.unshift(rebase(text, relative(at, resolve(dir))));
    }
    if (isRoot) break;
    if (at === dirname(at)) return found;
  }
  if (rules.length > 0) found.set("../.gitignore", rules.join("\n"));
  return found;
}

/** Rules of a folder above, rewritten for `inner`: anchored ones lose its path, or do not apply. */
function rebase(text: string, inner: string): string {
  return text
    .split("\n")
    .flatMap((line) => {
      const negated = line.startsWith("!");
      const rule = line.slice(negated ? 1 : 0).trim();
      const anchored = rule.replace(/\/$/, "").includes("/") && !rule.startsWith("**/");
      if (!anchored) return [line];
      const prefix = `${inner}/`;
      const bare = rule.replace(/^\//, "");
      return bare.startsWith(prefix) ? [`${negated ? "!" : ""}/${bare.slice(prefix.length)}`] : [];
    })
    .join("\n");
}

/** Reads one file of this host; a symlink is followed. */
export async function fileFromHost(store: ContentStore, path: string): Promise<FileEntry> {
  const stats = await stat(path);
  const blob = await blobOf(store, path, stats.size);
  return {
    kind: "file",
    mode: stats.mode & 0o7777,
    uid: 0,
    gid: 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
    blob,
  };
}

/** Writes a tree into a folder: merges unless `wipe`. No link inside the folder is followed. */
export async function treeToHost(
  store: ContentStore,
  tree: Tree,
  dir: string,
  options: { wipe?: boolean } = {},
): Promise<void> {
  if (options.wipe) await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true });
  const paths = [...tree.entries.keys()].sort();
  for (const path of paths) {
    const entry = tree.entries.get(path) as Entry;
    const full = inside(dir, path);
    if (entry.kind === "directory") await makeDirectory(full);
    else if (entry.kind === "symlink") {
      await rm(full, { recursive: true, force: true });
      await symlink(entry.target, full);
    }
  }
  await inParallel(paths, async (path) => {
    const entry = tree.entries.get(path) as Entry;
    if (entry.kind === "file") await writeEntry(store, entry, inside(dir, path));
  });
  // Deepest first: writing into a folder would change its time again, and a read-only one could not be written to.
  for (const path of paths.reverse()) {
    const entry = tree.entries.get(path) as Entry;
    if (entry.kind !== "directory") continue;
    await chmod(inside(dir, path), entry.mode);
    await utimes(inside(dir, path), entry.mtime, entry.mtime);
  }
}

/** Writes a file to `path`, or under its name into the folder at `path` when allowed. Answers where. */
export async function fileToHost(
  store: ContentStore,
  entry: FileEntry,
  path: string,
  options: { name: string; allowParentDirPath?: boolean },
): Promise<string> {
  const there = await stat(path).catch(vanished);
  if (there?.isDirectory() && options.allowParentDirPath !== true) {
    throw new SluiceError(
      "IS_A_DIRECTORY",
      `destination ${JSON.stringify(path)} is a directory; must be a file path unless allowParentDirPath is set`,
    );
  }
  const target = there?.isDirectory() ? join(path, basename(options.name)) : path;
  await mkdir(dirname(target), { recursive: true });
  await writeEntry(store, entry, target);
  return target;
}

async function writeEntry(store: ContentStore, entry: FileEntry, path: string): Promise<void> {
  const there = await lstat(path).catch(vanished);
  if (there?.isDirectory()) await rm(path, { recursive: true });
  const temporary = `${path}.sluice-${process.pid}`;
  try {
    if (entry.blob.size > streamAbove) await copyFile(store.path(entry.blob.digest), temporary);
    else await writeFile(temporary, await store.bytes(entry.blob.digest));
    await chmod(temporary, entry.mode);
    await utimes(temporary, entry.mtime, entry.mtime);
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}

async function makeDirectory(path: string): Promise<void> {
  const there = await lstat(path).catch(vanished);
  if (there?.isDirectory()) return;
  if (there) await unlink(path);
  await mkdir(path, { recursive: true });
}

/** A path of the tree under `dir`. Trees hold normal paths only, so this can't leave `dir`. */
function inside(dir: string, path: string): string {
  const full = resolve(dir, path);
  if (relative(dir, full).startsWith(".."))
    throw new SluiceError("INVALID_PATH", `path ${path} leaves ${dir}`);
  return full;
}

async function blobOf(store: ContentStore, path: string, size: number) {
  return size > streamAbove
    ? store.putStream(createReadStream(path))
    : store.putBytes(await readFile(path));
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items].reverse();
  const worker = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, items.length) }, worker));
}

/** A file that goes away while its folder is read was not there. */
function vanished(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
  throw error;
}
