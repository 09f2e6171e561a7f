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
  if (path === "") throw new SluiceError("PATH_NOT_FOUND", "empty path: no such file or directory");
  const entry = findEntry(tree, path, followLast);
  if (entry) return entry;
  throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
}

export function findEntry(tree: Tree, path: string, followLast: boolean): Entry | undefined {
  const resolved = tree.resolve(path, { followLast });
  if (resolved === "") return tree.root;
  return resolved === undefined ? undefined : tree.get(resolved);
}

/** Whether an entry is of the expected type (any, when none is named). */
export function isOfType(entry: Entry | undefined, expectedType: string | undefined): boolean {
  if (!entry) return false;
  const expected = expectedType?.replace(/_TYPE$/, "");
  return expected === undefined || types[entry.kind] === expected;
}

/** Asking for a symlink means asking for the link itself. */
export const followsLinks = (options: {
  expectedType?: string;
  doNotFollowSymlinks?: boolean;
}): boolean =>
  options.doNotFollowSymlinks !== true && options.expectedType?.startsWith("SYMLINK") !== true;
