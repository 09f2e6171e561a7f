import { mkdir, writeFile } from "node:fs/promises";
import { createServer as httpServer } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { fastForward } from "../../.dagger/src/git/fast-forward.ts";
import { cutTag } from "../../.dagger/src/git/tags.ts";
import { acquireLock, type LockRequest } from "../../.dagger/src/lock/acquire.ts";
import { readLock } from "../../.dagger/src/lock/break.ts";
import { systemLockClock } from "../../.dagger/src/lock/clock.ts";
import { gitCut } from "../support/gitCut.ts";
import { type GitRemote, gitRemote, localRefs } from "../support/gitRemote.ts";
import { git, gitServer } from "../support/gitServer.ts";
import { sshServer } from "../support/gitSsh.ts";

const REF = "refs/sluice/locks/prod";
const ann: LockRequest = {
  name: "prod",
  holder: "ann",
  reason: "release 1.2.3",
  command: "sluice promote --channel prod",
};

/** `main` one commit ahead of `production`, served over HTTP with something in between. */
async function shop() {
  const remote = await gitRemote();
  const first = await remote.git("rev-parse", "HEAD");
  const second = await remote.commit("two");
  await remote.git("push", "--quiet", "origin", "main", `${first}:refs/heads/production`);
  const cut = await gitCut(await gitServer(remote.root));
  const url = `http://127.0.0.1:${cut.port}/shop.git`;
  return { remote, first, second, cut, url };
}

/** Nothing listens there. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("when the reply to a push is lost", () => {
  test("a branch that was moved is seen to be moved", async () => {
    const { remote, first, second, cut, url } = await shop();
    const { refs } = await localRefs({ url });
    cut.losePushReply();
    await fastForward(refs, "production", first, second);
    expect(await remote.holds("refs/heads/production")).toBe(second);
    expect(cut.lost()).toBe(1);
  });

  test("a tag that was cut is seen to be cut", async () => {
    const { remote, second, cut, url } = await shop();
    const { refs } = await localRefs({ url });
    cut.losePushReply();
    await cutTag(refs, { name: "v1.0.0", commit: second, message: "First" });
    expect(await git(remote.bare, "rev-parse", "v1.0.0^{}")).toBe(second);
    expect(cut.lost()).toBe(1);
  });

  test("a lock that was taken is known by its claim, and one that was let go is gone", async () => {
    const { remote, cut, url } = await shop();
    const { locks } = await localRefs({ url });
    cut.losePushReply();
    const lock = await acquireLock(locks, ann);
    expect(await readLock(locks, "prod")).toMatchObject({ claim: lock.claim });
    cut.losePushReply();
    await lock.release();
    expect(await remote.holds(REF)).toBe("");
    expect(cut.lost()).toBe(2);
  });
});

describe("when the server is gone", () => {
  test("nothing is pushed, and the lock says that it can't be asked for", async () => {
    const url = `http://127.0.0.1:${await deadPort()}/shop.git`;
    const { refs, locks, history } = await localRefs({ url });
    await expect(history.branch("main")).rejects.toMatchObject({
      code: "GIT_REMOTE_UNREACHABLE",
      reason: expect.stringContaining(`${url} can't be reached: `) as string,
    });
    await expect(
      refs.pushRefs([{ ref: "refs/heads/x", from: "a".repeat(40), to: undefined }]),
    ).rejects.toMatchObject({ code: "GIT_REMOTE_UNREACHABLE" });
    await expect(acquireLock(locks, { ...ann, waitMs: 60_000 })).rejects.toMatchObject({
      code: "LOCK_UNAVAILABLE",
      reason: expect.stringMatching(
        /^lock prod can't be asked for, so nothing is done: http/,
      ) as string,
    });
    await expect(readLock(locks, "prod")).rejects.toMatchObject({ code: "LOCK_UNAVAILABLE" });
  });

  test("a holder may not go on, and a release says that the lock may be left", async () => {
    const { remote, cut, url } = await shop();
    const { locks } = await localRefs({ url, deadlineMs: 1500 });
    let elapsed = 0;
    const clock = { ...systemLockClock, monotonic: () => systemLockClock.monotonic() + elapsed };
    const lock = await acquireLock(locks, { ...ann, clock });
    cut.hang();
    elapsed = 2000;
    await expect(lock.confirm()).rejects.toMatchObject({
      code: "LOCK_UNAVAILABLE",
      reason: `lock prod can't be asked for, so nothing is done: ${url} can't be reached: no answer in time`,
    });
    await expect(lock.release()).rejects.toMatchObject({
      code: "LOCK_UNAVAILABLE",
      reason: expect.stringContaining("it may still be held by this run") as string,
      hint: expect.stringContaining(lock.claim) as string,
    });
    expect(await remote.holds(REF)).not.toBe("");
  });

  test("a repository that is not there is named", async () => {
    const { url } = await shop();
    const { history } = await localRefs({ url: url.replace("shop", "none") });
    await expect(history.tags()).rejects.toMatchObject({
      code: "GIT_REMOTE_UNREACHABLE",
      reason: expect.stringContaining("none.git") as string,
    });
  });
});

describe("a server that accepts and says nothing", () => {
  test("is given up, over HTTP and ssh, and what was started for it has ended", async () => {
    const { cut, url, remote } = await shop();
    cut.hang();
    const ssh = `ssh://git@127.0.0.1:${cut.port}${remote.bare}`;
    const signIn = { username: "", knownHosts: "x" };
    for (const address of [url, ssh]) {
      const { history } = await localRefs({ url: address, deadlineMs: 1000, signIn });
      await expect(history.branch("main")).rejects.toMatchObject({
        code: "GIT_REMOTE_UNREACHABLE",
        reason: `${address} can't be reached: no answer in time`,
      });
    }
    await expect.poll(() => cut.open()).toBe(0);
  });
});

describe("signing in", () => {
  const token = "t0ken/with=odd&signs";

  async function locked(): Promise<{ remote: GitRemote; url: string }> {
    const remote = await gitRemote();
    await git(remote.bare, "config", "http.receivepack", "true");
    const port = await gitServer(remote.root, { password: token });
    return { remote, url: `http://127.0.0.1:${port}/shop.git` };
  }

  test("without a token, or with a wrong one, says what to give and not what was given", async () => {
    const { url } = await locked();
    const wrong = "wr0ng-t0ken";
    for (const given of [undefined, wrong]) {
      const { history } = await localRefs({
        url,
        signIn: { username: "x-access-token", token: given },
      });
      const failure: unknown = await history.branch("main").catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "GIT_AUTH_FAILED",
        reason: expect.stringContaining(`${url} doesn't let us in: `) as string,
        hint: "give a token that may read and write it with --git-token env:GIT_TOKEN",
      });
      expect(String(failure)).not.toContain(wrong);
    }
  });

  test("keeps the token out of what a server echoes", async () => {
    const { remote, url } = await locked();
    await mkdir(`${remote.bare}/hooks`, { recursive: true });
    const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
    const hook = `#!/bin/sh\necho "you sent ${token} as ${basic}" >&2\nexit 1\n`;
    await writeFile(`${remote.bare}/hooks/pre-receive`, hook, { mode: 0o755 });
    const commit = await remote.git("rev-parse", "HEAD");
    const { refs, history } = await localRefs({
      url,
      signIn: { username: "x-access-token", token },
    });
    await history.have(commit);
    const failure: unknown = await fastForward(refs, "next", undefined, commit).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "REF_REFUSED" });
    expect(String(failure)).toContain("you sent *** as ***");
    expect(await remote.holds("refs/heads/next")).toBe("");
  });

  test("gives the token to no other server that it is sent to", async () => {
    const seen: (string | undefined)[] = [];
    const canary = httpServer((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
    });
    const redirecting = httpServer((request, response) => {
      const { port } = canary.address() as AddressInfo;
      response.writeHead(302, { location: `http://127.0.0.1:${port}${request.url ?? ""}` }).end();
    });
    for (const server of [canary, redirecting]) {
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      onTestFinished(() => void server.close());
    }
    const { port } = redirecting.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/shop.git`;
    const { history } = await localRefs({ url, signIn: { username: "ann", token } });
    await expect(history.branch("main")).rejects.toMatchObject({ code: "GIT_AUTH_FAILED" });
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.filter((header) => header !== undefined)).toEqual([]);
  });

  test("over ssh trusts no server that it doesn't know, and names no key", async () => {
    const remote = await gitRemote();
    const server = await sshServer();
    const url = `${server.url}${remote.bare}`;
    const signIn = { username: "", sshKey: server.key, knownHosts: server.knownHosts() };
    const stranger = server.knownHosts().replace(/AAAA.*/, (key) => `${key.slice(0, -8)}AAAAAAAA`);
    for (const knownHosts of ["", server.knownHosts("elsewhere"), stranger]) {
      const { history } = await localRefs({ url, signIn: { ...signIn, knownHosts } });
      await expect(history.branch("main")).rejects.toMatchObject({
        code: "GIT_HOST_KEY_UNKNOWN",
        hint: `run: ssh-keyscan -p ${server.port} 127.0.0.1 > known_hosts, compare it with the fingerprints that the host publishes, and give it with --git-known-hosts`,
      });
    }
    for (const sshKey of [undefined, server.otherKey]) {
      const { history } = await localRefs({ url, signIn: { ...signIn, sshKey } });
      const failure: unknown = await history.branch("main").catch((error: unknown) => error);
      expect(failure).toMatchObject({
        code: "GIT_AUTH_FAILED",
        hint: "give a private key that may read and write it with --git-ssh-key",
      });
      expect(String(failure)).not.toMatch(/PRIVATE KEY|sluice-git-/);
    }
  });
});
