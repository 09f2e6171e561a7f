import { SluiceError } from "../../core/error.ts";
import { record, type RecordNode } from "../../core/node.ts";
import type { Entry, Tree } from "../../content/tree.ts";

const types = { file: "REGULAR", directory: "DIRECTORY", symlink: "SYMLINK" } as const;

/** Dagger's `Stat` of an entry. */
export function statOf(name: string, entry: Entry): RecordNode {
  return record("Stat", {
    name,
    fileType: types[entry.kind],
    permissions: entry.mode & 0o777,
    size:
      entry.kind === "file" ? entry.blob.size : entry.kind === "symlink" ? entry.target.length : 0,
  });
}

/** The entry at `path`; the root is a directory. Throws `PATH_NOT_FOUND`. */
export function entryAt(tree: Tree, path: string, followLast: boolean): Entry {
  const entry = findEntry(tree, path, followLast);
  if (entry) return entry;
  throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
}

export function findEntry(tree: Tree, path: string, followLast: boolean): Entry | undefined {
  const resolved = tree.resolve(path, { followLast });
  if (resolved === "") return { kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0 };
  return resolved === undefined ? undefined : tree.get(resolved);
}

/** Whether something of the expected type is at `path`. */
export function existsIn(
  tree: Tree,
  path: string,
  options: { expectedType?: string; doNotFollowSymlinks?: boolean },
): boolean {
  const followLast =
    options.doNotFollowSymlinks !== true && !options.expectedType?.startsWith("SYMLINK");
  const entry = findEntry(tree, path, followLast);
  if (!entry) return false;
  const expected = options.expectedType?.replace(/_TYPE$/, "");
  return expected === undefined || types[entry.kind] === expected;
}
