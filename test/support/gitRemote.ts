import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { SignIn } from "../../.dagger/src/git/auth.ts";
import { GitHistory } from "../../.dagger/src/git/git-history.ts";
import { LocalGit } from "../../.dagger/src/git/local-git.ts";
import { RemoteRefs } from "../../.dagger/src/git/refs.ts";
import { parseRemote, type Remote } from "../../.dagger/src/git/remote.ts";
import { LockRemote } from "../../.dagger/src/lock/remote.ts";
import { git } from "./gitServer.ts";
import { scratch } from "./scratch.ts";

/** A bare repository that stands for the one on the server, and a clone of it that commits. */
export interface GitRemote {
  /** Folder of all, for a server to serve. */
  root: string;
  /** The bare repository: `<root>/shop.git`. */
  bare: string;
  /** A full clone. */
  work: string;
  /** Commits in the clone, on the branch that is checked out. Answers the commit. */
  commit(message: string, args?: readonly string[]): Promise<string>;
  /** Runs git in the clone. */
  git(...args: string[]): Promise<string>;
  /** What a ref of the bare repository holds; empty when there is none. */
  holds(ref: string): Promise<string>;
}

/** Makes a remote whose `main` has one commit. It is removed when the test ends. */
export async function gitRemote(): Promise<GitRemote> {
  const root = await scratch();
  const [bare, work] = [join(root, "shop.git"), join(root, "work")];
  await mkdir(work);
  await git(root, "init", "--quiet", "--bare", "--template=", "--initial-branch=main", bare);
  await git(bare, "config", "http.receivepack", "true");
  await git(work, "init", "--quiet", "--template=", "--initial-branch=main");
  await git(work, "remote", "add", "origin", bare);
  const remote: GitRemote = {
    root,
    bare,
    work,
    commit: async (message, args = []) => {
      await git(work, "commit", "--quiet", "--allow-empty", "-m", message, ...args);
      return git(work, "rev-parse", "HEAD");
    },
    git: (...args) => git(work, ...args),
    holds: (ref) => git(bare, "for-each-ref", "--format=%(objectname)", ref),
  };
  await remote.commit("Begin");
  await remote.git("push", "--quiet", "origin", "main");
  return remote;
}

/** Git on this machine, and the history it tells, until the test ends. */
export async function localHistory(options: {
  /** URL of the remote. */
  url?: string;
  /** Folder of the source's repository. */
  source?: string;
  signIn?: SignIn;
  /** Milliseconds that each command may take. */
  deadlineMs?: number;
}): Promise<{ git: LocalGit; history: GitHistory; remote: Remote | undefined }> {
  const { source, signIn, deadlineMs } = options;
  const remote = options.url === undefined ? undefined : parseRemote(options.url);
  const local = await LocalGit.open({ remote, source, signIn, deadlineMs });
  onTestFinished(() => local.close());
  const history = new GitHistory({
    git: local,
    remote,
    source: source === undefined ? undefined : parseRemote(source),
  });
  return { git: local, history, remote };
}

/** The same with the remote's refs, to change them, and its locks. */
export async function localRefs(options: {
  url: string;
  source?: string;
  signIn?: SignIn;
  deadlineMs?: number;
}): Promise<{ history: GitHistory; refs: RemoteRefs; locks: LockRemote }> {
  const { git: local, history, remote } = await localHistory(options);
  const refs = new RemoteRefs({ git: local, remote: remote!, history });
  return { history, refs, locks: new LockRemote(refs) };
}
