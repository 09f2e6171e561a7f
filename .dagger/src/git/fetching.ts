import { SluiceError } from "../error.ts";
import { complaint, isSignInFailure, remoteFailure } from "./failure.ts";
import { type Git, type GitResult, TIMED_OUT } from "./git.ts";
import type { Remote } from "./remote.ts";

const FETCH = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--force"];

/** All branches and tags, kept where they don't look like any of our own. */
const EVERYTHING = ["+refs/heads/*:refs/sluice/heads/*", "+refs/tags/*:refs/sluice/tags/*"];

/** Brings history that the source lacks into the scratch repository. */
export class Fetching {
  constructor(
    private readonly git: Git,
    private readonly remote: Remote | undefined,
  ) {}

  /**
   * Fetches those of these commits that are not there.
   *
   * @throws SluiceError `HISTORY_MISSING`, or why the remote can't be asked
   */
  async commits(commits: readonly string[]): Promise<void> {
    let missing = await this.#missing(commits);
    if (missing.length === 0) return;
    if (this.remote !== undefined) {
      // Most servers give any commit by its id; the others at least what branches and tags lead to.
      const named = await this.git.run([...FETCH, "--", this.remote.url, ...missing]);
      if (named.code !== 0) await this.#everything(this.remote, named);
      missing = await this.#missing(missing);
    }
    const [first] = missing;
    if (first !== undefined) throw this.missing(first, "the source's repository doesn't have it");
  }

  /**
   * Fetches what a shallow clone left behind of these commits' history. Answers whether anything
   * was missing, so that what was found out before may be wrong.
   *
   * @throws SluiceError `HISTORY_MISSING`, or why the remote can't be asked
   */
  async history(commits: readonly string[]): Promise<boolean> {
    const cut = await this.#cut(commits);
    if (cut === undefined) return false;
    if (this.remote !== undefined) {
      await this.#everything(this.remote, undefined, ["--unshallow"]);
      if ((await this.#cut(commits)) === undefined) return true;
    }
    throw this.missing(cut, "its parents are missing, because the clone is shallow");
  }

  /** What to do about a commit that can't be found. */
  missing(commit: string, why: string, cause?: GitResult): SluiceError {
    const remote = this.remote === undefined ? "" : `, and ${this.remote.url} doesn't give it`;
    return new SluiceError(
      "HISTORY_MISSING",
      `commit ${commit} can't be looked at: ${why}${remote}`,
      {
        detail: cause && complaint(cause),
        hint: "check the id; then fetch all history: git fetch --unshallow, or fetch-depth: 0 in CI",
      },
    );
  }

  async #everything(
    remote: Remote,
    before: GitResult | undefined,
    flags: readonly string[] = [],
  ): Promise<void> {
    if (before !== undefined && isUnreachable(before)) throw remoteFailure(remote, before);
    const result = await this.git.run([...FETCH, ...flags, "--", remote.url, ...EVERYTHING]);
    if (result.code !== 0) throw remoteFailure(remote, result);
  }

  async #missing(commits: readonly string[]): Promise<string[]> {
    const asked = [...new Set(commits)];
    const input = asked.map((commit) => `${commit}\n`).join("");
    const { stdout } = await this.git.run(["cat-file", "--batch-check"], { input });
    const there = new Set(
      [...stdout.matchAll(/^([0-9a-f]{40}) commit \d+$/gm)].map(([, commit]) => commit),
    );
    return asked.filter((commit) => !there.has(commit));
  }

  /** A commit in their history whose parents were left behind. */
  async #cut(commits: readonly string[]): Promise<string | undefined> {
    const shallow = await this.git.run(["rev-parse", "--is-shallow-repository"]);
    if (shallow.stdout.trim() === "false") return undefined;
    // At the edge of a shallow clone, a commit counts as a root though it names its parents.
    const roots = await this.git.run(["rev-list", "--max-parents=0", ...commits, "--"]);
    const input = roots.stdout;
    const { stdout } = await this.git.run(["cat-file", "--batch"], { input });
    return /^([0-9a-f]{40}) commit \d+\ntree [0-9a-f]{40}\nparent /m.exec(stdout)?.[1];
  }
}

/** Whether asking again in another way is of no use. */
function isUnreachable(result: GitResult): boolean {
  return (
    result.code === TIMED_OUT ||
    isSignInFailure(result) ||
    /Could not read from remote|unable to access|Host key verification/.test(result.stderr)
  );
}
