import { createHash } from "node:crypto";
import { posix } from "node:path";
import { SluiceError } from "../core/error.ts";
import { ignoredByGit } from "./gitignore.ts";
import { baseOf, joinPath, normalise, parentOf } from "./path.ts";
import { exact, matcher } from "./pattern.ts";

/** Bytes kept in the content store, named by the SHA-256 of their content. */
export interface Blob {
  /** Lower-case hex SHA-256, without prefix. */
  digest: string;
  size: number;
}

interface Metadata {
  /** Permission bits including setuid, setgid and sticky (0o7777). */
  mode: number;
  uid: number;
  gid: number;
  /** Seconds since the epoch. */
  mtime: number;
}

export interface FileEntry extends Metadata {
  kind: "file";
  blob: Blob;
}

export interface SymlinkEntry extends Metadata {
  kind: "symlink";
  target: string;
}

export interface DirectoryEntry extends Metadata {
  kind: "directory";
}

export type Entry = FileEntry | SymlinkEntry | DirectoryEntry;

/** Which entries of a tree to take. */
export interface Filter {
  include?: readonly string[];
  exclude?: readonly string[];
  /** Leave out what `.gitignore` files exclude; their texts by path. */
  gitignoreFiles?: ReadonlyMap<string, string>;
}

/** How entries look where they are put. */
export interface Placement extends Filter {
  owner?: { uid: number; gid: number };
  permissions?: number;
}

const folder: DirectoryEntry = { kind: "directory", mode: 0o755, uid: 0, gid: 0, mtime: 0 };
const maxLinks = 40;

/** An immutable directory: every entry by its normal path, parents always listed, the root not. */
export class Tree {
  static readonly empty = new Tree(new Map());
  #digest: string | undefined;
  #key: string | undefined;

  private constructor(
    readonly entries: ReadonlyMap<string, Entry>,
    /** Mode and owner of the directory itself, which count where it is mounted or copied as a new one. */
    readonly root: DirectoryEntry = folder,
  ) {}

  /** The same entries under another root. */
  withRoot(root: Partial<Omit<DirectoryEntry, "kind">>): Tree {
    return new Tree(this.entries, { ...this.root, ...root });
  }

  /** Builds a tree; missing parents are added, names are normalised. */
  static of(entries: Iterable<readonly [string, Entry]>): Tree {
    const draft = new Map<string, Entry>();
    for (const [path, entry] of entries) place(draft, normalise(path), entry);
    draft.delete("");
    return new Tree(draft);
  }

  /** Digest of names, content, modes and owners, as Dagger has it: times do not count. */
  digest(): string {
    this.#digest ??= this.#hash(false);
    return this.#digest;
  }

  /** Like `digest`, but times count: equal keys mean interchangeable trees. */
  key(): string {
    this.#key ??= this.#hash(true);
    return this.#key;
  }

  #hash(times: boolean): string {
    const hash = createHash("sha256");
    if (times) hash.update(JSON.stringify([this.root.mode, this.root.uid, this.root.gid]));
    for (const path of [...this.entries.keys()].sort()) {
      const entry = this.entries.get(path) as Entry;
      const content =
        entry.kind === "file" ? entry.blob.digest : entry.kind === "symlink" ? entry.target : "";
      const { kind, mode, uid, gid } = entry;
      hash.update(JSON.stringify([path, kind, mode, uid, gid, content, times ? entry.mtime : 0]));
    }
    return hash.digest("hex");
  }

  get(path: string): Entry | undefined {
    return this.entries.get(normalise(path));
  }

  /** The normal path that `path` leads to, symlinks followed inside the tree; undefined when there is nothing. */
  resolve(path: string, options: { followLast: boolean }): string | undefined {
    const todo = normalise(path).split("/").filter(Boolean);
    let at = "";
    for (let links = 0; todo.length > 0;) {
      const name = todo.shift() as string;
      const next = joinPath(at, name);
      const entry = this.entries.get(next);
      if (!entry) return undefined;
      if (entry.kind === "symlink" && (todo.length > 0 || options.followLast)) {
        if (++links > maxLinks) return undefined;
        const target = entry.target.startsWith("/") ? entry.target : `/${at}/${entry.target}`;
        todo.unshift(...normalise(target).split("/").filter(Boolean));
        at = "";
      } else if (entry.kind === "file" && todo.length > 0) return undefined;
      else at = next;
    }
    return at;
  }

  /** Names in a directory, sorted; directories end in "/". */
  list(path: string): string[] {
    const at = this.#directory(path);
    return this.#children(at)
      .sort()
      .map((name) =>
        this.entries.get(joinPath(at, name))?.kind === "directory" ? `${name}/` : name,
      );
  }

  /** Paths that match, in walking order; directories end in "/". */
  glob(pattern: string): string[] {
    const matches = exact(pattern);
    return [...this.entries]
      .filter(([path]) => matches(path))
      .sort(([a], [b]) => walkOrder(a, b))
      .map(([path, entry]) => (entry.kind === "directory" ? `${path}/` : path));
  }

  subtree(path: string): Tree {
    const at = this.#directory(path);
    if (at === "") return this;
    const prefix = `${at}/`;
    const draft = new Map<string, Entry>();
    for (const [name, entry] of this.entries) {
      if (name.startsWith(prefix)) draft.set(name.slice(prefix.length), entry);
    }
    return new Tree(draft, this.entries.get(at) as DirectoryEntry);
  }

  /** Merges another tree in at `path`. */
  withTree(path: string, other: Tree, options: Placement): Tree {
    const { owner, permissions, ...filter } = options;
    const source = hasFilter(filter) ? other.filter(filter) : other;
    const target = this.#destination(path);
    const draft = new Map(this.entries);
    if (target !== "" && draft.get(target)?.kind !== "directory") {
      place(draft, target, { ...source.root, ...owner, mode: permissions ?? source.root.mode });
    }
    for (const name of [...source.entries.keys()].sort()) {
      const entry = source.entries.get(name) as Entry;
      const mode = permissions !== undefined && entry.kind !== "symlink" ? permissions : entry.mode;
      place(draft, joinPath(target, name), { ...entry, ...owner, mode });
    }
    // What is merged into an empty tree's root is the whole of it.
    const root = target === "" && this === Tree.empty ? { ...source.root, ...owner } : this.root;
    return new Tree(draft, root);
  }

  /**
   * Puts a file at `path`; into it under `name` when it is a directory or ends in "/". `exact` puts it
   * at `path` whatever is there.
   */
  withFile(
    path: string,
    entry: FileEntry,
    options: Pick<Placement, "owner" | "permissions"> & { name?: string; exact?: boolean } = {},
  ): Tree {
    const target = this.#destination(path);
    const into =
      path.endsWith("/") || this.entries.get(target)?.kind === "directory" || target === "";
    const at = into && !options.exact && options.name ? joinPath(target, options.name) : target;
    if (at === "")
      throw new SluiceError("INVALID_PATH", `invalid file path ${JSON.stringify(path)}`);
    const draft = new Map(this.entries);
    place(draft, at, { ...entry, ...options.owner, mode: options.permissions ?? entry.mode });
    return new Tree(draft, this.root);
  }

  withNewDirectory(path: string, mode: number): Tree {
    if (posix.normalize(path).split("/")[0] === "..") {
      throw new SluiceError("INVALID_PATH", `cannot create directory outside parent: ${path}`);
    }
    const target = this.#destination(path);
    if (target === "") return this;
    const draft = new Map(this.entries);
    if (draft.get(target)?.kind !== "directory") place(draft, target, { ...folder, mode });
    return new Tree(draft, this.root);
  }

  withSymlink(target: string, path: string): Tree {
    const at = normalise(path);
    if (this.entries.has(at))
      throw new SluiceError("PATH_EXISTS", `symlink ${target} ${path}: file exists`);
    const draft = new Map(this.entries);
    place(draft, at, { ...folder, kind: "symlink", mode: 0o777, target });
    return new Tree(draft, this.root);
  }

  /** Removes paths (patterns allowed) and everything below them. */
  without(paths: readonly string[]): Tree {
    const gone = matcher(paths.map((path) => normalise(path)));
    return new Tree(new Map([...this.entries].filter(([path]) => !gone(path))), this.root);
  }

  withTimestamps(seconds: number): Tree {
    const entries = [...this.entries].map(
      ([path, entry]) => [path, { ...entry, mtime: seconds }] as const,
    );
    return new Tree(new Map(entries), { ...this.root, mtime: seconds });
  }

  /** Changes the owner of `path` and everything below; "" is all. */
  chown(path: string, uid: number, gid: number): Tree {
    const at = normalise(path);
    const draft = [...this.entries].map(([name, entry]) => {
      const inside = at === "" || name === at || name.startsWith(`${at}/`);
      return [name, inside ? { ...entry, uid, gid } : entry] as const;
    });
    return new Tree(new Map(draft), at === "" ? { ...this.root, uid, gid } : this.root);
  }

  filter(filter: Filter): Tree {
    const included = filter.include?.length ? matcher(filter.include) : () => true;
    const excluded = filter.exclude?.length ? matcher(filter.exclude) : () => false;
    const ignored = filter.gitignoreFiles ? ignoredByGit(filter.gitignoreFiles) : () => false;
    const draft = new Map<string, Entry>();
    for (const [path, entry] of this.entries) {
      if (!included(path) || excluded(path) || ignored(path, entry.kind === "directory")) continue;
      for (
        let parent = parentOf(path);
        parent !== "" && !draft.has(parent);
        parent = parentOf(parent)
      ) {
        draft.set(parent, this.entries.get(parent) as Entry);
      }
      draft.set(path, entry);
    }
    return new Tree(draft, this.root);
  }

  /** Entries of `other` that are not in this tree, or differ. */
  diff(other: Tree): Tree {
    const draft = new Map<string, Entry>();
    for (const [path, entry] of other.entries) {
      const before = this.entries.get(path);
      if (before && same(before, entry)) continue;
      if (before?.kind === "directory" && entry.kind === "directory" && before.mode === entry.mode)
        continue;
      place(draft, path, entry, other.entries);
    }
    return new Tree(draft);
  }

  /** What changed since `before`: directories end in "/"; a removed directory stands for all below it. */
  changes(before: Tree): { added: string[]; modified: string[]; removed: string[] } {
    const shown = (path: string, entry: Entry) => (entry.kind === "directory" ? `${path}/` : path);
    const added: string[] = [];
    const modified: string[] = [];
    const removed: string[] = [];
    for (const [path, entry] of this.entries) {
      const old = before.entries.get(path);
      if (!old) added.push(shown(path, entry));
      else if (!same(old, entry) && entry.kind !== "directory") modified.push(path);
    }
    for (const [path, entry] of before.entries) {
      if (this.entries.has(path)) continue;
      const parent = parentOf(path);
      if (parent === "" || this.entries.has(parent)) removed.push(shown(path, entry));
    }
    return { added: added.sort(), modified: modified.sort(), removed: removed.sort() };
  }

  #children(at: string): string[] {
    const prefix = at === "" ? "" : `${at}/`;
    return [...this.entries.keys()]
      .filter((path) => path.startsWith(prefix) && !path.slice(prefix.length).includes("/"))
      .map((path) => path.slice(prefix.length));
  }

  #directory(path: string): string {
    const at = this.resolve(path, { followLast: true });
    if (at === undefined)
      throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
    if (at !== "" && this.entries.get(at)?.kind !== "directory") {
      throw new SluiceError("NOT_A_DIRECTORY", `path ${path} is a file, not a directory`);
    }
    return at;
  }

  /** Where a path to write to leads: symlinked folders on the way are followed. */
  #destination(path: string): string {
    const wanted = normalise(path);
    for (
      let known = wanted, rest = "";
      ;
      rest = joinPath(baseOf(known), rest), known = parentOf(known)
    ) {
      const at = this.resolve(known, { followLast: rest !== "" || this.#leadsToDirectory(known) });
      if (at !== undefined) return joinPath(at, rest);
      if (known === "") return wanted;
    }
  }

  #leadsToDirectory(path: string): boolean {
    const at = this.resolve(path, { followLast: true });
    return at !== undefined && (at === "" || this.entries.get(at)?.kind === "directory");
  }
}

/** Adds an entry and its parents; what is in the way gives way, as it does when a tar is unpacked. */
function place(
  draft: Map<string, Entry>,
  path: string,
  entry: Entry,
  like?: ReadonlyMap<string, Entry>,
): void {
  for (let parent = parentOf(path); parent !== ""; parent = parentOf(parent)) {
    const there = draft.get(parent);
    if (there?.kind === "directory") break;
    draft.set(parent, like?.get(parent) ?? folder);
  }
  const before = draft.get(path);
  if (before?.kind === "directory" && entry.kind !== "directory") {
    for (const name of draft.keys()) if (name.startsWith(`${path}/`)) draft.delete(name);
  }
  draft.set(path, entry);
}

function same(a: Entry, b: Entry): boolean {
  if (a.kind !== b.kind || a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid) return false;
  if (a.kind === "file" && b.kind === "file") return a.blob.digest === b.blob.digest;
  return a.kind !== "symlink" || b.kind !== "symlink" || a.target === b.target;
}

const hasFilter = (filter: Filter): boolean =>
  Boolean(filter.include?.length ?? 0) ||
  Boolean(filter.exclude?.length ?? 0) ||
  filter.gitignoreFiles !== undefined;

/** A directory before what is in it, names compared part by part. */
function walkOrder(a: string, b: string): number {
  const [left, right] = [a.split("/"), b.split("/")];
  for (let index = 0; index < Math.min(left.length, right.length); index++) {
    const [x, y] = [left[index] as string, right[index] as string];
    if (x !== y) return x < y ? -1 : 1;
  }
  return left.length - right.length;
}
