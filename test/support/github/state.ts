/** A commit status, or a check run: as far as tests set it. */
export type Said = Readonly<Record<string, unknown>>;

/** What GitHub calls a person or an App. */
export interface Actor {
  readonly login: string;
  readonly type: "User" | "Bot";
  /** `write` includes `read`; undefined: everything. */
  readonly permissions?: Readonly<Record<string, "read" | "write">>;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number;
}

export interface DeploymentStatus {
  id: number;
  state: string;
  by: Actor;
  at: string;
  description: string;
  log_url: string;
  environment_url: string;
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  payload: unknown;
  environment: string;
  description: string;
  production_environment: boolean;
  by: Actor;
  at: string;
  /** Oldest first. */
  statuses: DeploymentStatus[];
}

export interface Comment {
  id: number;
  body: string;
  by: Actor;
  at: string;
}

export interface Issue {
  number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  state_reason: string | null;
  /** Their names. */
  labels: string[];
  by: Actor;
  at: string;
  /** Oldest first. */
  comments: Comment[];
}

export interface Label {
  id: number;
  name: string;
  color: string;
  description: string;
}

export interface Asset {
  id: number;
  name: string;
  content_type: string;
  /** `open` while its upload isn't complete, or never will be. */
  state: "uploaded" | "open";
  bytes: Buffer;
  at: string;
}

export interface Release {
  id: number;
  tag_name: string;
  target_commitish: string;
  name: string;
  body: string;
  draft: boolean;
  prerelease: boolean;
  by: Actor;
  at: string;
  assets: Asset[];
}

export interface Pull {
  number: number;
  title: string;
  body: string;
  head: string;
  base: string;
  state: "open" | "closed";
  by: Actor;
  at: string;
}

/** All that the server knows of its repository. Tests read it, and change it as others would. */
export interface GithubState {
  /** Without a token only what is public is shown. */
  private: boolean;
  /** Commits by ref: `heads/main`, `tags/v1.0.0`. */
  refs: Map<string, string>;
  /** Commits that there are besides those of refs. */
  commits: Set<string>;
  /** By commit. */
  checkRuns: Map<string, readonly Said[]>;
  /** By commit; newest first. */
  statuses: Map<string, readonly Said[]>;
  deployments: Deployment[];
  issues: Issue[];
  labels: Label[];
  releases: Release[];
  /** Whether files of releases are shown with their digests, as older Enterprise servers don't. */
  assetDigests: boolean;
  pulls: Pull[];
}

export function emptyState(): GithubState {
  return {
    private: true,
    refs: new Map(),
    commits: new Set(),
    checkRuns: new Map(),
    statuses: new Map(),
    deployments: [],
    issues: [],
    labels: [],
    releases: [],
    assetDigests: true,
    pulls: [],
  };
}

/** The commit that a ref, a branch's or tag's short name, or a sha is. */
export function commitOf(state: GithubState, ref: string): string | undefined {
  const known = new Set([...state.commits, ...state.refs.values()]);
  if (known.has(ref)) return ref;
  return state.refs.get(ref) ?? state.refs.get(`heads/${ref}`) ?? state.refs.get(`tags/${ref}`);
}
