import { SluiceError } from "../error.ts";
import { Fetching } from "./fetching.ts";
import { complaint } from "./failure.ts";
import type { Git, GitResult } from "./git.ts";
import type { GitTag, History, Relation } from "./history.ts";
import { listRefs, type RefListing } from "./listing.ts";
import type { Remote } from "./remote.ts";

/** Where history is read from. */
export interface GitHistoryOptions {
  git: Git;
  remote: Remote | undefined;
  /** The source's own repository, for tags when there is no remote. */
  source: Remote | undefined;
}

/** History as the git program tells it. What the source lacks is fetched into the scratch repository. */
export class GitHistory implements History {
  readonly remote: string | undefined;
  readonly #fetching: Fetching;
  #listing: Promise<RefListing> | undefined;

  constructor(private readonly options: GitHistoryOptions) {
    this.remote = options.remote?.url;
    this.#fetching = new Fetching(options.git, options.remote);
  }

  /** Forgets what branches and tags held, so that the remote is asked again. */
  refresh(): void {
    this.#listing = undefined;
  }

  async branch(name: string): Promise<string | undefined> {
    if (this.options.remote === undefined) return undefined;
    return (await this.#refs()).get(`refs/heads/${name}`);
  }

  async tags(): Promise<readonly GitTag[]> {
    const refs = await this.#refs();
    return [...refs]
      .filter(([ref]) => ref.startsWith("refs/tags/") && !ref.endsWith("^{}"))
      .map(([ref, object]) => {
        const target = refs.get(`${ref}^{}`);
        const name = ref.slice("refs/tags/".length);
        return { name, commit: target ?? object, annotated: target !== undefined };
      });
  }

  async relation(first: string, second: string): Promise<Relation> {
    const pair = [checked(first), checked(second)] as const;
    if (first === second) {
      await this.#fetching.commits([first]);
      return "same";
    }
    const relation = await this.#related(...pair);
    if (relation === "ancestor" || relation === "descendant") return relation;
    // What a shallow clone says of "no" is worth nothing.
    return (await this.#fetching.history(pair)) ? this.#related(...pair) : relation;
  }

  async file(commit: string, path: string): Promise<string | undefined> {
    if (path.includes("\0")) return undefined;
    const args = ["cat-file", "blob", `${checked(commit)}:${path}`];
    const result = await this.options.git.run(args);
    if (result.code === 0) return result.stdout;
    await this.#fetching.commits([commit]);
    const again = await this.options.git.run(args);
    return again.code === 0 ? again.stdout : undefined;
  }

  async changed(from: string | undefined, to: string): Promise<readonly string[]> {
    const commits = from === undefined ? [checked(to)] : [checked(from), checked(to)];
    const listed =
      from === undefined
        ? ["ls-tree", "-r", "-z", "--name-only", "--full-tree", to]
        : ["diff-tree", "-r", "-z", "--name-only", "--no-renames", from, to];
    const { stdout } = await this.#read(listed, commits);
    return stdout.split("\0").filter((path) => path !== "");
  }

  /** When a commit was made, in seconds since 1970. */
  async committedAt(commit: string): Promise<number> {
    const args = ["log", "-1", "--format=%ct", checked(commit), "--"];
    return Number((await this.#read(args, [commit])).stdout);
  }

  /** Sees to it that a commit is there, to be pushed. Throws `HISTORY_MISSING`. */
  have(commit: string): Promise<void> {
    return this.#fetching.commits([checked(commit)]);
  }

  #refs(): Promise<RefListing> {
    if (this.#listing === undefined) {
      const { git, remote, source } = this.options;
      const asked = remote ?? source;
      const listing = asked === undefined ? Promise.resolve(new Map()) : listRefs(git, asked);
      this.#listing = listing;
      // A failure is not an answer to keep.
      listing.catch(() => this.#listing === listing && this.refresh());
    }
    return this.#listing;
  }

  async #related(first: string, second: string): Promise<Relation> {
    const args = ["merge-base", first, second];
    const { code, stdout } = await this.#read(args, [first, second], (result) => result.code < 2);
    if (code === 1) return "unrelated";
    const base = stdout.trim();
    return base === first ? "ancestor" : base === second ? "descendant" : "diverged";
  }

  /** Runs a command about commits; fetches them when it fails, and runs it again. */
  async #read(
    args: readonly string[],
    commits: readonly string[],
    answered: (result: GitResult) => boolean = ({ code }) => code === 0,
  ): Promise<GitResult> {
    const { git } = this.options;
    const result = await git.run(args);
    if (answered(result)) return result;
    await this.#fetching.commits(commits);
    const again = await git.run(args);
    if (answered(again)) return again;
    throw this.#fetching.missing(commits[0] ?? "", complaint(again), again);
  }
}

function checked(commit: string): string {
  if (/^[0-9a-f]{40}$/.test(commit)) return commit;
  throw new SluiceError(
    "COMMIT_INVALID",
    `expected a commit of 40 hexadecimal digits, got ${JSON.stringify(commit.slice(0, 200))}`,
    { hint: "give the whole id: git rev-parse <name>" },
  );
}
