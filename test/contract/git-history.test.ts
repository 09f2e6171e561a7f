import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type GitRemote, gitRemote, localHistory } from "../support/gitRemote.ts";
import { git, gitServer } from "../support/gitServer.ts";
import { sshServer } from "../support/gitSsh.ts";

const absent = "0123456789abcdef0123456789abcdef01234567";

/** A clone in a folder of its own; answers its repository. */
async function clone(remote: GitRemote, name: string, ...args: string[]): Promise<string> {
  const dir = join(remote.root, name);
  await git(remote.root, "clone", "--quiet", ...args, `file://${remote.bare}`, dir);
  return join(dir, ".git");
}

/** Five commits on `main`, and `side` that left it after the second one. */
async function longHistory(): Promise<{ remote: GitRemote; main: string[]; side: string }> {
  const remote = await gitRemote();
  const main = [await remote.git("rev-parse", "HEAD"), await remote.commit("two")];
  await remote.git("checkout", "--quiet", "-b", "side");
  const side = await remote.commit("side");
  await remote.git("checkout", "--quiet", "main");
  for (const name of ["three", "four", "five"]) main.push(await remote.commit(name));
  await remote.git("push", "--quiet", "origin", "main", "side");
  return { remote, main, side };
}

describe("branches and tags", () => {
  test("are those of the remote now, annotated tags told from light ones", async () => {
    const { remote, main, side } = await longHistory();
    await remote.git("tag", "v1.0.0", main[0]!);
    await remote.git("tag", "-a", "v1.1.0", "-m", "the second", main[1]!);
    await remote.git("push", "--quiet", "origin", "v1.0.0", "v1.1.0");
    const { history } = await localHistory({ url: remote.bare });
    expect(await history.branch("main")).toBe(main[4]);
    expect(await history.branch("side")).toBe(side);
    expect(await history.branch("none")).toBeUndefined();
    expect(await history.branch("ide")).toBeUndefined();
    expect(await history.tags()).toEqual([
      { name: "v1.0.0", commit: main[0], annotated: false },
      { name: "v1.1.0", commit: main[1], annotated: true },
    ]);
    const newer = await remote.commit("six");
    await remote.git("push", "--quiet", "origin", "main");
    history.refresh();
    expect(await history.branch("main")).toBe(newer);
  });

  test("are the source's own tags, and no branches, without a remote", async () => {
    const { remote, main } = await longHistory();
    await remote.git("tag", "v1.0.0", main[0]!);
    const { history } = await localHistory({ source: join(remote.work, ".git") });
    expect(history.remote).toBeUndefined();
    expect(await history.branch("main")).toBeUndefined();
    expect(await history.tags()).toEqual([{ name: "v1.0.0", commit: main[0], annotated: false }]);
  });
});

describe("how commits relate", () => {
  test("is told in a full clone, and in none at all", async () => {
    const { remote, main, side } = await longHistory();
    await remote.git("checkout", "--quiet", "--orphan", "other");
    const other = await remote.commit("unrelated");
    await remote.git("push", "--quiet", "origin", "other");
    for (const source of [join(remote.work, ".git"), undefined]) {
      const { history } = await localHistory({ url: remote.bare, source });
      expect(await history.relation(main[1]!, main[4]!)).toBe("ancestor");
      expect(await history.relation(main[4]!, main[1]!)).toBe("descendant");
      expect(await history.relation(main[4]!, main[4]!)).toBe("same");
      expect(await history.relation(main[4]!, side)).toBe("diverged");
      expect(await history.relation(main[4]!, other)).toBe("unrelated");
    }
  });

  test("is fetched where a checkout of depth 1 lacks it, and the checkout stays as it is", async () => {
    const { remote, main, side } = await longHistory();
    const source = await clone(remote, "shallow", "--depth", "1");
    const before = await git(join(source, ".."), "count-objects", "-v");
    for (const [first, second, relation] of [
      [main[0]!, main[4]!, "ancestor"],
      [main[4]!, main[0]!, "descendant"],
      [main[4]!, side, "diverged"],
    ] as const) {
      const { history } = await localHistory({ url: remote.bare, source });
      expect(await history.relation(first, second)).toBe(relation);
    }
    expect(await git(join(source, ".."), "count-objects", "-v")).toBe(before);
    expect(await git(join(source, ".."), "rev-list", "--count", "HEAD")).toBe("1");
  });

  test("is told for a checkout as CI makes it: one commit, detached, no branches", async () => {
    const { remote, main } = await longHistory();
    const dir = join(remote.root, "ci");
    await mkdir(dir);
    await git(dir, "init", "--quiet", "--template=");
    await git(dir, "remote", "add", "origin", remote.bare);
    await git(dir, "fetch", "--quiet", "--no-tags", "--depth=1", `file://${remote.bare}`, main[2]!);
    await git(dir, "checkout", "--quiet", "--detach", "FETCH_HEAD");
    const { history } = await localHistory({ url: remote.bare, source: join(dir, ".git") });
    expect(await history.relation(main[2]!, main[4]!)).toBe("ancestor");
    expect(await history.relation(main[1]!, main[2]!)).toBe("ancestor");
  });

  test("is not guessed in a shallow clone without a remote", async () => {
    const { remote, main, side } = await longHistory();
    const source = await clone(remote, "shallow", "--depth", "1", "--no-single-branch");
    const { history } = await localHistory({ source });
    await expect(history.relation(main[4]!, side)).rejects.toMatchObject({
      code: "HISTORY_MISSING",
      message: expect.stringMatching(
        /^commit [0-9a-f]{40} can't be looked at: its parents are missing, because the clone is shallow \[HISTORY_MISSING\]\nNext: .*git fetch --unshallow, or fetch-depth: 0 in CI$/,
      ) as string,
    });
  });

  test("names a commit that nobody has", async () => {
    const { remote, main } = await longHistory();
    const { history } = await localHistory({
      url: remote.bare,
      source: join(remote.work, ".git"),
    });
    await expect(history.relation(main[0]!, absent)).rejects.toMatchObject({
      code: "HISTORY_MISSING",
      reason: `commit ${absent} can't be looked at: the source's repository doesn't have it, and ${remote.bare} doesn't give it`,
    });
    for (const bad of ["HEAD", "--all", main[0]!.slice(0, 12), `${main[0]!}\n`]) {
      await expect(history.relation(main[0]!, bad)).rejects.toMatchObject({
        code: "COMMIT_INVALID",
      });
    }
  });

  test("counts a commit that was pushed after the source was cloned", async () => {
    const { remote, main } = await longHistory();
    const source = await clone(remote, "older");
    const newer = await remote.commit("six");
    await remote.git("push", "--quiet", "origin", "main");
    const { history } = await localHistory({ url: remote.bare, source });
    expect(await history.relation(main[4]!, newer)).toBe("ancestor");
  });
});

describe("files of a commit", () => {
  test("are read by their exact names, and listed where commits differ", async () => {
    const remote = await gitRemote();
    const names = ["$(id)", "--upload-pack=x", "a\nb", "grün", "*", "sub/CHANGELOG.md"];
    await mkdir(join(remote.work, "sub"));
    for (const name of names) await writeFile(join(remote.work, name), `in ${name}\n`);
    await remote.git("add", "--all");
    const first = await remote.git("rev-parse", "HEAD");
    const second = await remote.commit("files");
    await writeFile(join(remote.work, "grün"), "changed\n");
    await remote.git("rm", "--quiet", "--", "*");
    await remote.git("push", "--quiet", "origin", "main");
    const { history } = await localHistory({ url: remote.bare });
    for (const name of names) expect(await history.file(second, name)).toBe(`in ${name}\n`);
    for (const name of ["none", "sub", "../sub", "/etc/passwd", "x\0y"]) {
      expect(await history.file(second, name)).toBeUndefined();
    }
    expect(await history.file(first, "grün")).toBeUndefined();
    expect([...(await history.changed(first, second))].sort()).toEqual([...names].sort());
    expect([...(await history.changed(undefined, second))].sort()).toEqual([...names].sort());
    expect(await history.changed(undefined, first)).toEqual([]);
    const made = await remote.git("log", "-1", "--format=%ct", second);
    expect(await history.committedAt(second)).toBe(Number(made));
    await expect(history.file(absent, "x")).rejects.toMatchObject({ code: "HISTORY_MISSING" });
  });
});

describe("over HTTP", () => {
  test("history is the same, with a password and without", async () => {
    const { remote, main, side } = await longHistory();
    const source = await clone(remote, "shallow", "--depth", "1");
    const token = "t0ken/with=odd&signs";
    for (const password of [undefined, token]) {
      const port = await gitServer(remote.root, { password });
      const signIn = { username: "x-access-token", token: password };
      const url = `http://127.0.0.1:${port}/shop.git`;
      const { history } = await localHistory({ url, source, signIn });
      expect(await history.branch("main")).toBe(main[4]);
      expect(await history.relation(main[0]!, main[4]!)).toBe("ancestor");
      expect(await history.relation(side, main[4]!)).toBe("diverged");
    }
  });
});

describe("over ssh", () => {
  test("history is the same", async () => {
    const { remote, main } = await longHistory();
    const source = await clone(remote, "shallow", "--depth", "1");
    const server = await sshServer();
    const signIn = { username: "", sshKey: server.key, knownHosts: server.knownHosts() };
    const url = `${server.url}${remote.bare}`;
    const { history } = await localHistory({ url, source, signIn });
    expect(await history.branch("main")).toBe(main[4]);
    expect(await history.relation(main[0]!, main[4]!)).toBe("ancestor");
  });
});
