import { SluiceError } from "../error.ts";
import { isBranchName } from "../pipeline/schema/branch.ts";
import type { GitHistory } from "./git-history.ts";
import type { Git, GitResult } from "./git.ts";
import { complaint } from "./failure.ts";
import { listRefs, type RefListing } from "./listing.ts";
import { type PushOutcome, pushUpdates, type RefUpdate } from "./push.ts";
import type { Remote } from "./remote.ts";

/** What changes a remote's refs needs. */
export interface RemoteRefsOptions {
  git: Git;
  remote: Remote;
  /** Told to ask again after each push. */
  history: GitHistory;
}

/** The refs of a remote: read, and changed by compare-and-swap only. */
export class RemoteRefs {
  readonly remote: Remote;
  readonly history: GitHistory;

  constructor(private readonly options: RemoteRefsOptions) {
    this.remote = options.remote;
    this.history = options.history;
  }

  /** What these refs hold right now. Throws why the remote can't be asked. */
  read(...refs: string[]): Promise<RefListing> {
    return listRefs(this.options.git, this.remote, refs);
  }

  /** Changes refs, all or none, and says what became of it. */
  async tryPush(updates: readonly RefUpdate[]): Promise<PushOutcome> {
    const { git, history } = this.options;
    updates.forEach(assertUsable);
    const outcome = await pushUpdates(git, this.remote, updates);
    history.refresh();
    return outcome;
  }

  /**
   * Changes refs, all or none, each only if it still holds what it held.
   *
   * @throws SluiceError `REF_MOVED` with who holds what now, `REF_REFUSED` with the server's words,
   *   `GIT_REMOTE_UNREACHABLE`, `GIT_AUTH_FAILED`, `GIT_HOST_KEY_UNKNOWN`
   */
  async pushRefs(updates: readonly RefUpdate[]): Promise<void> {
    if (updates.length === 0) return;
    this.assertDone(updates, await this.tryPush(updates));
  }

  /** Throws what `pushRefs` does, unless a push was done. */
  assertDone(updates: readonly RefUpdate[], pushed: PushOutcome): void {
    switch (pushed.outcome) {
      case "done":
        return;
      case "moved":
        throw moved(updates, pushed.held);
      case "refused":
        throw new SluiceError(
          "REF_REFUSED",
          `${this.remote.url} refuses ${updates.map(change).join(", ")}: ${pushed.why}`,
          { hint: pushed.hint },
        );
      case "unreachable":
        throw pushed.error;
    }
  }

  /** Writes an object into the scratch repository, to be pushed. Answers its id. */
  async write(type: "commit" | "tag" | "tree", content: string): Promise<string> {
    const args = ["hash-object", "-t", type, "-w", "--stdin"];
    return this.#answer(await this.options.git.run(args, { input: content }));
  }

  /** Fetches a ref's commit; undefined when there is no such ref. Answers its id and message. */
  async commitAt(ref: string): Promise<{ commit: string; message: string } | undefined> {
    const { git } = this.options;
    const seen = "refs/sluice/seen";
    const spec = `+${ref}:${seen}`;
    const args = ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--"];
    const fetched = await git.run([...args, this.remote.url, spec]);
    if (fetched.code !== 0) {
      // Also where the fetch failed for another reason: this says which.
      if (!(await this.read(ref)).has(ref)) return undefined;
      throw this.#unreadable(fetched);
    }
    const text = await git.run(["for-each-ref", "--format=%(objectname)%0a%(contents)", seen]);
    const [commit = "", ...message] = this.#answer(text).split("\n");
    return { commit, message: message.join("\n") };
  }

  #answer(result: GitResult): string {
    if (result.code !== 0) throw this.#unreadable(result);
    return result.stdout.trim();
  }

  #unreadable(result: GitResult): SluiceError {
    return new SluiceError("GIT_FAILED", `git failed: ${complaint(result)}`, {
      hint: "look at what git says; the repository may be damaged",
    });
  }
}

/**
 * Whether `ref` is the full name of a ref by git's rules, and one that servers can store. None can
 * be taken for an option, a pattern, or a second argument.
 */
export function isRefName(ref: string): boolean {
  return ref.startsWith("refs/") && isBranchName(ref.slice("refs/".length));
}

function assertUsable({ ref, from, to }: RefUpdate): void {
  const ids = [from, to].filter((id) => id !== undefined);
  if (isRefName(ref) && ids.every((id) => /^[0-9a-f]{40}$/.test(id))) return;
  throw new SluiceError(
    "REF_INVALID",
    `${JSON.stringify(ref.slice(0, 200))} can't be changed: expected the full name of a ref, and whole ids`,
    { hint: "take a name that git allows: see git help check-ref-format" },
  );
}

/** `moving production to 0123456789ab`, for people. */
function change({ ref, from, to }: RefUpdate): string {
  const name = ref.replace(/^refs\/(?:heads|tags)\//, "");
  if (to === undefined) return `removing ${name}`;
  return from === undefined ? `creating ${name}` : `moving ${name} to ${short(to)}`;
}

function moved(updates: readonly RefUpdate[], held: RefListing): SluiceError {
  const lines = updates
    .filter(({ ref, from }) => held.get(ref) !== from)
    .map(({ ref, from }) => `${ref}: expected ${told(from)}, found ${told(held.get(ref))}`);
  const [first = `${updates.map(({ ref }) => ref).join(", ")}: another push was at it`] = lines;
  return new SluiceError("REF_MOVED", `somebody else changed it meanwhile: ${first}`, {
    detail: lines.length > 1 ? lines.join("\n") : undefined,
    hint: "look at what came in, and run the command again",
  });
}

function told(object: string | undefined): string {
  return object === undefined ? "no such ref" : short(object);
}

/** The first digits of an id, for people. */
export function short(id: string): string {
  return id.slice(0, 12);
}
