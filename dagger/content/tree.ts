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

/** Placeholder until the content module lands; see PLAN. */
export declare class Tree {
  readonly entries: ReadonlyMap<string, Entry>;
}
