/** How two commits relate: is the first one an ancestor of the second, or the other way round? */
export type Relation = "same" | "ancestor" | "descendant" | "diverged" | "unrelated";

/** A git tag. */
export interface GitTag {
  /** `v1.2.3`, without `refs/tags/`. */
  name: string;
  /** The commit that it stands for, whether annotated or not. */
  commit: string;
  /** Annotated: an object of its own, with a message. */
  annotated: boolean;
}

/** What a repository and its remote say of commits. Nothing of it changes either of them. */
export interface History {
  /** URL of the remote without credentials; undefined when the source has none. */
  readonly remote: string | undefined;
  /** The commit at the head of the remote's branch right now; undefined when there is no such branch. */
  branch(name: string): Promise<string | undefined>;
  /** The remote's tags right now. Without a remote: the source's own. */
  tags(): Promise<readonly GitTag[]>;
  /**
   * How `first` relates to `second`. History that a shallow clone lacks is fetched.
   *
   * @throws SluiceError `HISTORY_MISSING` with what to fetch, when a commit can't be found
   */
  relation(first: string, second: string): Promise<Relation>;
  /** A file's text at a commit; undefined when it has no such file. */
  file(commit: string, path: string): Promise<string | undefined>;
  /** Paths that differ between two commits; `undefined` as the first: all paths of the second. */
  changed(from: string | undefined, to: string): Promise<readonly string[]>;
}
