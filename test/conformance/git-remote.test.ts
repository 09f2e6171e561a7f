import { join } from "node:path";
import { type Container, dag, type Service } from "@dagger.io/dagger";
import { describe, expect, onTestFinished, test } from "vitest";
import type { GitAuth, SignIn } from "../../.dagger/src/git/auth.ts";
import { DaggerGit, GIT_IMAGE } from "../../.dagger/src/git/dagger-git.ts";
import { fastForward } from "../../.dagger/src/git/fast-forward.ts";
import { GitHistory } from "../../.dagger/src/git/git-history.ts";
import { RemoteRefs } from "../../.dagger/src/git/refs.ts";
import { parseRemote } from "../../.dagger/src/git/remote.ts";
import { openRepository } from "../../.dagger/src/git/repository.ts";
import { repositoryOf } from "../../.dagger/src/git/source.ts";
import { cutTag } from "../../.dagger/src/git/tags.ts";
import { acquireLock } from "../../.dagger/src/lock/acquire.ts";
import { readLock } from "../../.dagger/src/lock/break.ts";
import { LockRemote } from "../../.dagger/src/lock/remote.ts";
import { type GitRemote, gitRemote } from "../support/gitRemote.ts";
import { git, gitServer } from "../support/gitServer.ts";
import { sshServer } from "../support/gitSsh.ts";
import { scratch } from "../support/scratch.ts";

/** Git in a container of the session, against servers on this machine. */
const token = "t0ken/with=odd&signs";

/** A clone of depth 1 as the source, and `main` two commits ahead of `production`. */
async function shop(): Promise<{ remote: GitRemote; source: string; commits: string[] }> {
  const remote = await gitRemote();
  const commits = [await remote.git("rev-parse", "HEAD")];
  await remote.git("push", "--quiet", "origin", "HEAD:refs/heads/production");
  commits.push(await remote.commit("two"), await remote.commit("three"));
  await remote.git("push", "--quiet", "origin", "main");
  const source = join(remote.root, "source");
  await git(remote.root, "clone", "--quiet", "--depth=1", `file://${remote.bare}`, source);
  return { remote, source, commits };
}

/** Git's own image with this machine's port bound to a name. */
function reaching(name: string, backend: number, frontend: number): Container {
  const service: Service = dag.host().service([{ frontend, backend }]);
  return dag.container().from(GIT_IMAGE).withServiceBinding(name, service);
}

async function open(container: Container, url: string, source: string, signIn: SignIn) {
  const remote = parseRemote(url);
  const found = await repositoryOf(dag.host().directory(source), false);
  const daggerGit = DaggerGit.open({ remote, source: found?.history, signIn, container });
  const history = new GitHistory({
    git: daggerGit,
    remote,
    source: parseRemote(DaggerGit.source),
  });
  const refs = new RemoteRefs({ git: daggerGit, remote, history });
  return { history, refs, locks: new LockRemote(refs) };
}

test("a branch is moved over HTTP with a token, out of a checkout of depth 1", async () => {
  const { remote, source, commits } = await shop();
  const [first = "", , third = ""] = commits;
  const port = await gitServer(remote.root, { password: token });
  const signIn = { username: "x-access-token", token };
  const container = reaching("git", port, 80);
  const { history, refs } = await open(container, "http://git/shop.git", source, signIn);
  expect(await history.branch("production")).toBe(first);
  await fastForward(refs, "production", first, third);
  expect(await remote.holds("refs/heads/production")).toBe(third);
});

test("a tag is cut over ssh with a key, under the lock", async () => {
  const { remote, source, commits } = await shop();
  const commit = commits[2]!;
  const server = await sshServer();
  const signIn = { username: "", sshKey: server.key, knownHosts: server.knownHosts("git") };
  const url = `${server.user}@git:${remote.bare}`;
  const { refs, locks } = await open(reaching("git", server.port, 22), url, source, signIn);
  const lock = await acquireLock(locks, {
    name: "prod",
    holder: "ann",
    reason: "release",
    command: "sluice promote",
  });
  expect(await readLock(locks, "prod")).toMatchObject({ holder: "ann", claim: lock.claim });
  expect(await cutTag(refs, { name: "v1.0.0", commit, message: "First" })).toBe(true);
  await lock.release();
  expect(await git(remote.bare, "rev-parse", "v1.0.0^{}")).toBe(commit);
  expect(await remote.holds("refs/sluice/")).toBe("");
});

test("a wrong token is told without its value", async () => {
  const { remote, source } = await shop();
  const container = reaching("git", await gitServer(remote.root, { password: token }), 80);
  const signIn = { username: "x-access-token", token: "wr0ng-token" };
  const { history } = await open(container, "http://git/shop.git", source, signIn);
  const failure: unknown = await history.branch("main").catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "GIT_AUTH_FAILED" });
  expect(String(failure)).not.toContain("wr0ng-token");
});

describe("a source and its remote", () => {
  const opened = async (options: { dir: string; remote?: string; auth?: GitAuth }) => {
    const source = dag.host().directory(options.dir, { noCache: true });
    const repository = await openRepository({ ...options, source });
    if (repository) onTestFinished(() => repository.close());
    return repository;
  };

  test("are opened as they are: origin, its branches, the commits of a shallow clone", async () => {
    const { remote, source, commits } = await shop();
    await git(source, "remote", "set-url", "origin", remote.bare);
    const repository = await opened({ dir: source });
    expect(repository?.history.remote).toBe(remote.bare);
    expect(await repository?.history.branch("production")).toBe(commits[0]);
    expect(await repository?.history.relation(commits[0]!, commits[2]!)).toBe("ancestor");
    expect(await git(source, "rev-list", "--count", "HEAD")).toBe("1");
  });

  test("sign in over HTTP with what the URL carries, which is not shown", async () => {
    const { remote, source, commits } = await shop();
    const port = await gitServer(remote.root, { password: "pass-w0rd" });
    const host = `127.0.0.1:${port}/shop.git`;
    await git(source, "remote", "set-url", "origin", `http://x-access-token:pass-w0rd@${host}`);
    const repository = await opened({ dir: source });
    expect(repository?.history.remote).toBe(`http://${host}`);
    expect(await repository?.history.branch("production")).toBe(commits[0]);
    const auth = { token: dag.setSecret("wrong", "other-w0rd") };
    const wrong = await opened({ dir: source, auth });
    const failure: unknown = await wrong?.history.tags().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "GIT_AUTH_FAILED" });
    expect(String(failure)).not.toMatch(/w0rd/);
  });

  test("are told when they are not what they should be", async () => {
    const root = await scratch({ "plain/file": "x", "linked/.git": "gitdir: /elsewhere\n" });
    const [plain, linked] = [join(root, "plain"), join(root, "linked")];
    expect(await opened({ dir: plain })).toBeUndefined();
    await expect(opened({ dir: linked })).rejects.toMatchObject({ code: "GIT_WORKTREE" });
    await expect(opened({ dir: plain, remote: "git@127.0.0.1:shop" })).rejects.toMatchObject({
      code: "GIT_HOST_KEY_UNKNOWN",
    });
    await expect(opened({ dir: plain, remote: `${root}/none` })).rejects.toMatchObject({
      code: "GIT_REMOTE_UNREACHABLE",
      reason: `${root}/none: there is no such repository where the module runs`,
    });
    const empty = dag.setSecret("empty", "\n");
    await expect(
      opened({ dir: plain, remote: "https://git.example.com/x", auth: { token: empty } }),
    ).rejects.toMatchObject({ code: "GIT_AUTH_INVALID" });
  });

  test("may be a repository without commits or remote, and a remote without a source", async () => {
    const { remote, commits } = await shop();
    const dir = await scratch();
    await git(dir, "init", "--quiet", "--template=");
    const empty = await opened({ dir });
    expect(empty?.refs).toBeUndefined();
    expect(await empty?.history.tags()).toEqual([]);
    const plain = await scratch({ file: "x" });
    const named = await opened({ dir: plain, remote: `file://${remote.bare}` });
    expect(await named?.history.relation(commits[2]!, commits[0]!)).toBe("descendant");
  });
});
