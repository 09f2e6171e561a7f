import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import { fastForward } from "../../.dagger/src/git/fast-forward.ts";
import { confirmationOf, reconcile } from "../../.dagger/src/git/reconcile.ts";
import { isRefName } from "../../.dagger/src/git/refs.ts";
import { calendarTag, cutTag } from "../../.dagger/src/git/tags.ts";
import { type GitRemote, gitRemote, localRefs } from "../support/gitRemote.ts";
import { git, gitServer } from "../support/gitServer.ts";
import { sshServer } from "../support/gitSsh.ts";

const absent = "0123456789abcdef0123456789abcdef01234567";

/** `production` on the first of three commits on `main`, `fix` beside it, `other` of another history. */
async function shop(): Promise<{ remote: GitRemote; main: string[]; fix: string; other: string }> {
  const remote = await gitRemote();
  const main = [await remote.git("rev-parse", "HEAD")];
  main.push(await remote.commit("two"), await remote.commit("three"));
  await remote.git("checkout", "--quiet", "-b", "fix", main[0]!);
  const fix = await remote.commit("fix");
  await remote.git("checkout", "--quiet", "--orphan", "other");
  const other = await remote.commit("other");
  await remote.git("checkout", "--quiet", "main");
  const production = `${main[0]!}:refs/heads/production`;
  await remote.git("push", "--quiet", "origin", "main", "fix", "other", production);
  return { remote, main, fix, other };
}

describe("a fast-forward", () => {
  test("moves a branch to a newer commit, and creates it where there is none", async () => {
    const { remote, main } = await shop();
    const { refs, history } = await localRefs({ url: remote.bare });
    expect(await history.branch("production")).toBe(main[0]);
    await fastForward(refs, "production", main[0], main[2]!);
    expect(await remote.holds("refs/heads/production")).toBe(main[2]);
    expect(await history.branch("production")).toBe(main[2]);
    await fastForward(refs, "production", main[2], main[2]!);
    await fastForward(refs, "next", undefined, main[1]!);
    expect(await remote.holds("refs/heads/next")).toBe(main[1]);
  });

  test.each([
    ["an older commit", 2, "main:0", "NOT_FAST_FORWARD", "newer and has that commit already"],
    ["a commit beside it", 2, "fix", "NOT_FAST_FORWARD", "has commits that"],
    ["another history", 2, "other", "HISTORIES_UNRELATED", "has no commit in common with"],
  ])("refuses %s and says why", async (_, at, wanted, code, why) => {
    const { remote, main, fix, other } = await shop();
    await git(remote.bare, "update-ref", "refs/heads/production", main[at]!);
    const { refs } = await localRefs({ url: remote.bare });
    const to = { "main:0": main[0]!, fix, other }[wanted]!;
    await expect(fastForward(refs, "production", main[at], to)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(why) as string,
      hint: expect.stringContaining("reconcile the branch") as string,
    });
    expect(await remote.holds("refs/heads/production")).toBe(main[at]);
  });

  test("that somebody else was faster at changes nothing, and says what is there now", async () => {
    const { remote, main, fix } = await shop();
    const { refs } = await localRefs({ url: remote.bare });
    await git(remote.bare, "update-ref", "refs/heads/production", fix);
    await expect(fastForward(refs, "production", main[0], main[2]!)).rejects.toMatchObject({
      code: "REF_MOVED",
      reason: `somebody else changed it meanwhile: refs/heads/production: expected ${main[0]!.slice(0, 12)}, found ${fix.slice(0, 12)}`,
    });
    expect(await remote.holds("refs/heads/production")).toBe(fix);
  });

  test("of a protected branch is refused in the words of the server's hook", async () => {
    const { remote, main } = await shop();
    await protect(remote, "refs/heads/production");
    const { refs } = await localRefs({ url: remote.bare });
    await expect(fastForward(refs, "production", main[0], main[2]!)).rejects.toMatchObject({
      code: "REF_REFUSED",
      reason: `${remote.bare} refuses moving production to ${main[2]!.slice(0, 12)}: pre-receive hook declined; GH006: refs/heads/production is protected`,
    });
    expect(await remote.holds("refs/heads/production")).toBe(main[0]);
  });
});

/** A hook as hosts have it: nobody may push to this ref. */
async function protect(remote: GitRemote, ref: string): Promise<void> {
  await mkdir(`${remote.bare}/hooks`, { recursive: true });
  const hook = `#!/bin/sh\nwhile read old new ref; do\n[ "$ref" != ${ref} ] || { echo "GH006: $ref is protected" >&2; exit 1; }\ndone\n`;
  await writeFile(`${remote.bare}/hooks/pre-receive`, hook, { mode: 0o755 });
}

describe("several refs", () => {
  test("change all or none", async () => {
    const { remote, main, fix } = await shop();
    const { refs, history } = await localRefs({ url: remote.bare });
    await history.have(main[2]!);
    const updates = [
      { ref: "refs/heads/production", from: main[0], to: main[2] },
      { ref: "refs/heads/fix", from: fix, to: undefined },
      { ref: "refs/heads/new", from: undefined, to: main[1] },
    ];
    await git(remote.bare, "update-ref", "refs/heads/new", fix);
    await expect(refs.pushRefs(updates)).rejects.toMatchObject({ code: "REF_MOVED" });
    expect(await remote.holds("refs/heads/production")).toBe(main[0]);
    expect(await remote.holds("refs/heads/fix")).toBe(fix);
    await git(remote.bare, "update-ref", "-d", "refs/heads/new");
    await protect(remote, "refs/heads/new");
    await expect(refs.pushRefs(updates)).rejects.toMatchObject({ code: "REF_REFUSED" });
    expect(await remote.holds("refs/heads/production")).toBe(main[0]);
    await git(remote.bare, "config", "core.hooksPath", "/dev/null");
    await refs.pushRefs(updates);
    expect(await remote.holds("refs/heads/production")).toBe(main[2]);
    expect(await remote.holds("refs/heads/fix")).toBe("");
    expect(await remote.holds("refs/heads/new")).toBe(main[1]);
  });

  test("are refused where the server can't change them at once", async () => {
    const { remote, main } = await shop();
    await git(remote.bare, "config", "receive.advertiseAtomic", "false");
    const { refs, history } = await localRefs({ url: remote.bare });
    await history.have(main[1]!);
    const names = ["refs/heads/one", "refs/heads/two"];
    const updates = names.map((ref) => ({ ref, from: undefined, to: main[1] }));
    await expect(refs.pushRefs(updates)).rejects.toMatchObject({
      code: "REF_REFUSED",
      message: expect.stringContaining("can't change several refs at once") as string,
    });
    await refs.pushRefs(updates.slice(0, 1));
    expect(await remote.holds("refs/heads/one")).toBe(main[1]);
  });
});

describe("a tag", () => {
  test("is cut once: annotated, with its message; again changes nothing", async () => {
    const { remote, main } = await shop();
    const { refs, history } = await localRefs({ url: remote.bare });
    const tag = { name: "v1.0.0", commit: main[2]!, message: "First\n\nWith 'quotes' and $(id)." };
    expect(await cutTag(refs, tag)).toBe(true);
    expect(await cutTag(refs, tag)).toBe(false);
    expect(await history.tags()).toEqual([{ name: "v1.0.0", commit: main[2], annotated: true }]);
    expect(await git(remote.bare, "tag", "--list", "--format=%(contents)")).toBe(tag.message);
    await git(remote.bare, "fsck", "--strict");
    await expect(cutTag(refs, { ...tag, commit: main[1]! })).rejects.toMatchObject({
      code: "TAG_TAKEN",
      reason: `tag v1.0.0: expected it to be free or on ${main[1]!.slice(0, 12)}, found it on ${main[2]!.slice(0, 12)}`,
    });
    await expect(cutTag(refs, { ...tag, name: "v2", commit: absent })).rejects.toMatchObject({
      code: "HISTORY_MISSING",
    });
  });

  const odd = [
    ...["--upload-pack=x", "-d", "../v1", "a\nb", "a b", "", "x".repeat(300), "a..b", "a:b", "*"],
    ...["v1^{}", "v1.lock", ".v1", "v1.", "a//b", "/a", "a/", "a@{1}", "a\\b", "a~1", "a\0b"],
  ];
  test("can't have a name that git, a server or a command line would stumble over", async () => {
    const { remote, main } = await shop();
    const { refs } = await localRefs({ url: remote.bare });
    for (const name of odd) {
      const cut = cutTag(refs, { name, commit: main[0]!, message: "x" });
      await expect(cut, JSON.stringify(name)).rejects.toMatchObject({
        code: "TAG_INVALID",
        hint: "take a name such as v1.2.3: see git help check-ref-format",
      });
    }
    expect(await git(remote.bare, "tag", "--list")).toBe("");
  });

  test("may have any name that git allows, and it stays what it is", async () => {
    const { remote, main } = await shop();
    const { refs, history } = await localRefs({ url: remote.bare });
    const names = ["$(id)", "`id`", "a'b\"c", "a;b|c&d", "grün", "100%", "a/--b", "{a,b}", "!x"];
    for (const name of names) await cutTag(refs, { name, commit: main[0]!, message: name });
    expect((await history.tags()).map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  test("name is one by the same rules as git's own", () => {
    const allowed = (ref: string): boolean => {
      try {
        execFileSync("git", ["check-ref-format", ref]);
        return true;
      } catch {
        return false;
      }
    };
    // Stricter than git where servers or command lines are.
    const stricter = new Set(["", "-d", "--upload-pack=x", "x".repeat(300)]);
    for (const name of odd.filter((text) => !text.includes("\0") && !stricter.has(text))) {
      expect([name, isRefName(`refs/tags/${name}`)]).toEqual([name, allowed(`refs/tags/${name}`)]);
    }
  });

  test("of a day is the day's, then its second", () => {
    const day = new Date("2026-01-31T23:59:59Z");
    expect(calendarTag(day, ["v2026.01.30"])).toBe("v2026.01.31");
    expect(calendarTag(day, ["v2026.01.31"])).toBe("v2026.01.31-2");
    expect(calendarTag(day, ["v2026.01.31", "v2026.01.31-2"])).toBe("v2026.01.31-3");
  });
});

describe("reconciling a branch", () => {
  const date = new Date("2026-01-31T10:00:00Z");

  test("says what would happen and what to type, then keeps the old head and resets it", async () => {
    const { remote, main, other } = await shop();
    await git(remote.bare, "update-ref", "refs/heads/production", other);
    const { refs } = await localRefs({ url: remote.bare });
    const to = main[2]!;
    const confirm = confirmationOf("production", other, to);
    for (const wrong of [undefined, "yes", confirmationOf("production", main[0]!, to)]) {
      const refused = reconcile(refs, { branch: "production", to, confirm: wrong, date });
      await expect(refused).rejects.toMatchObject({
        code: "RECONCILE_UNCONFIRMED",
        message: [
          "production was not reset: nobody confirmed it [RECONCILE_UNCONFIRMED]",
          "What would happen:",
          `  1. tag archive/production-2026-01-31 is put on ${other}, so that nothing is lost`,
          `  2. branch production is moved to ${to}, and only if it is still at ${other.slice(0, 12)}`,
          `Next: if that is what you want, give exactly: --confirm ${JSON.stringify(confirm)}`,
        ].join("\n"),
      });
    }
    expect(await remote.holds("refs/heads/production")).toBe(other);
    expect(await git(remote.bare, "tag", "--list")).toBe("");
    expect(await reconcile(refs, { branch: "production", to, confirm, date })).toEqual({
      archive: "archive/production-2026-01-31",
      from: other,
      to,
    });
    expect(await remote.holds("refs/heads/production")).toBe(to);
    expect(await git(remote.bare, "rev-parse", "archive/production-2026-01-31^{}")).toBe(other);
  });

  test("leaves the branch alone when its reset is refused, and the next run uses the same tag", async () => {
    const { remote, main, other } = await shop();
    await git(remote.bare, "update-ref", "refs/heads/production", other);
    const { refs } = await localRefs({ url: remote.bare });
    const to = main[2]!;
    const wanted = {
      branch: "production",
      to,
      date,
      confirm: confirmationOf("production", other, to),
    };
    await protect(remote, "refs/heads/production");
    await expect(reconcile(refs, wanted)).rejects.toMatchObject({ code: "REF_REFUSED" });
    expect(await remote.holds("refs/heads/production")).toBe(other);
    await git(remote.bare, "config", "core.hooksPath", "/dev/null");
    const tomorrow = new Date("2026-02-01T10:00:00Z");
    const { archive } = await reconcile(refs, { ...wanted, date: tomorrow });
    expect(archive).toBe("archive/production-2026-01-31");
    expect(await git(remote.bare, "tag", "--list")).toBe(archive);
    expect(await remote.holds("refs/heads/production")).toBe(to);
  });

  test("of a branch that is not there says so", async () => {
    const { remote, main } = await shop();
    const { refs } = await localRefs({ url: remote.bare });
    const wanted = { branch: "none", to: main[0]!, confirm: undefined };
    await expect(reconcile(refs, wanted)).rejects.toMatchObject({ code: "BRANCH_MISSING" });
  });
});

describe("over a network", () => {
  test("a push over ssh with a key moves the branch", async () => {
    const { remote, main } = await shop();
    const server = await sshServer();
    const signIn = { username: "", sshKey: server.key, knownHosts: server.knownHosts() };
    const { refs } = await localRefs({ url: `${server.url}${remote.bare}`, signIn });
    await fastForward(refs, "production", main[0], main[2]!);
    expect(await remote.holds("refs/heads/production")).toBe(main[2]);
  });

  test("a push over HTTP where reading needs no password is refused without one", async () => {
    const { remote, main } = await shop();
    await git(remote.bare, "config", "http.receivepack", "false");
    const port = await gitServer(remote.root);
    const { refs } = await localRefs({ url: `http://127.0.0.1:${port}/shop.git` });
    await expect(fastForward(refs, "production", main[0], main[2]!)).rejects.toMatchObject({
      code: "REF_REFUSED",
      hint: "give a token that may read and write it with --git-token env:GIT_TOKEN",
    });
    expect(await remote.holds("refs/heads/production")).toBe(main[0]);
  });
});
