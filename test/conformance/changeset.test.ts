import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { ChangesetMergeConflict, dag, DiffStatKind } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { debian, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";

const before = () =>
  dag
    .directory()
    .withNewFile("same", "same")
    .withNewFile("changed", "one\nold\n")
    .withNewFile("removed", "gone\n")
    .withNewFile("dir/a", "a\n")
    .withNewFile("dir/sub/b", "b\n");

const after = () =>
  before()
    .withNewFile("changed", "one\nnew\n")
    .withoutFile("removed")
    .withoutDirectory("dir")
    .withNewFile("added", "hello\n")
    .withNewFile("fresh/deep", "x\n");

describe("Directory.diff", () => {
  test("holds what is new or changed in the other directory", async () => {
    expect(await before().diff(after()).glob("**/*")).toEqual([
      "added",
      "changed",
      "fresh/",
      "fresh/deep",
    ]);
  });

  test("of a directory with itself is empty", async () => {
    expect(await before().diff(before()).entries()).toEqual([]);
  });

  test("shows what a command changed", async () => {
    const base = debian();
    const diff = base
      .rootfs()
      .diff(
        base.withExec(sh("echo x > /opt/new; chmod 600 /etc/hostname 2>/dev/null; true")).rootfs(),
      );
    expect(await diff.exists("opt/new")).toBe(true);
  });
});

describe("Directory.changes", () => {
  test("lists added, modified and removed paths", async () => {
    const changes = after().changes(before());
    expect([...(await changes.addedPaths())].sort()).toEqual(["added", "fresh/", "fresh/deep"]);
    expect(await changes.modifiedPaths()).toEqual(["changed"]);
    expect([...(await changes.removedPaths())].sort()).toEqual(["dir/", "removed"]);
    expect(await changes.isEmpty()).toBe(false);
  });

  test("of a directory with itself is empty", async () => {
    const changes = before().changes(before());
    expect(await changes.isEmpty()).toBe(true);
    expect(await changes.addedPaths()).toEqual([]);
    expect(await changes.modifiedPaths()).toEqual([]);
    expect(await changes.removedPaths()).toEqual([]);
  });

  test("before, after and layer are directories", async () => {
    const changes = after().changes(before());
    expect(await changes.before().exists("removed")).toBe(true);
    expect(await changes.after().exists("removed")).toBe(false);
    expect(await changes.layer().glob("**/*")).toEqual([
      "added",
      "changed",
      "fresh/",
      "fresh/deep",
    ]);
  });

  test("diffStats counts lines", async () => {
    const stats = await after().changes(before()).diffStats();
    const rows = await Promise.all(
      stats.map(async (stat) => [
        await stat.path(),
        await stat.kind(),
        await stat.addedLines(),
        await stat.removedLines(),
      ]),
    );
    expect(rows).toContainEqual(["added", DiffStatKind.Added, 1, 0]);
    expect(rows).toContainEqual(["changed", DiffStatKind.Modified, 1, 1]);
    expect(rows).toContainEqual(["removed", DiffStatKind.Removed, 0, 1]);
  });

  test("a renamed file is told as such in diffStats", async () => {
    const from = dag.directory().withNewFile("old.txt", "same\ncontent\n");
    const to = dag.directory().withNewFile("new.txt", "same\ncontent\n");
    const [only, ...rest] = await to.changes(from).diffStats();
    expect(rest).toEqual([]);
    expect([await only?.kind(), await only?.oldPath(), await only?.path()]).toEqual([
      DiffStatKind.Renamed,
      "old.txt",
      "new.txt",
    ]);
  });
});

describe("applying", () => {
  test("withChanges applies additions, changes and removals to another directory", async () => {
    const target = before().withNewFile("mine", "kept");
    const applied = target.withChanges(after().changes(before()));
    expect(await applied.entries()).toEqual(["added", "changed", "fresh/", "mine", "same"]);
    expect(await applied.file("changed").contents()).toBe("one\nnew\n");
  });

  test("asPatch is a git patch that withPatchFile applies", async () => {
    const patch = after().changes(before()).asPatch();
    expect(await patch.contents()).toContain("-old\n+new\n");
    const patched = before().withPatchFile(patch);
    expect(await patched.file("changed").contents()).toBe("one\nnew\n");
    expect(await patched.exists("removed")).toBe(false);
    expect(await patched.file("fresh/deep").contents()).toBe("x\n");
  });

  test("withPatch applies a patch given as text, refuses one that does not fit, ignores an empty one", async () => {
    const patch = (from: string) => `--- a/f\n+++ b/f\n@@ -1 +1 @@\n-${from}\n+patched\n`;
    const directory = dag.directory().withNewFile("f", "original\n");
    expect(await directory.withPatch(patch("original")).file("f").contents()).toBe("patched\n");
    await expect(directory.withPatch(patch("something else")).sync()).rejects.toThrow();
    expect(await directory.withPatch("").file("f").contents()).toBe("original\n");
  });

  test("export applies the changes to a host directory, removals included", async () => {
    const host = await scratch();
    await before().export(host);
    await after().changes(before()).export(host);
    expect((await readdir(host)).sort()).toEqual(["added", "changed", "fresh", "same"]);
    expect(await readFile(join(host, "changed"), "utf8")).toBe("one\nnew\n");
  });
});

describe("merging", () => {
  const base = () =>
    dag.directory().withNewFile("a", "a\n").withNewFile("b", "b\n").withNewFile("c", "c\n");

  test("withChangeset unites changes that do not touch each other", async () => {
    const ours = base().withNewFile("a", "ours\n").withNewFile("new", "n\n").changes(base());
    const theirs = base().withNewFile("b", "theirs\n").withoutFile("c").changes(base());
    const merged = ours.withChangeset(theirs);
    expect([...(await merged.modifiedPaths())].sort()).toEqual(["a", "b"]);
    expect(await merged.addedPaths()).toEqual(["new"]);
    expect(await merged.removedPaths()).toEqual(["c"]);
  });

  test("a conflict fails by default and names the file, or follows the strategy given", async () => {
    const ours = base().withNewFile("a", "ours\n").changes(base());
    const theirs = base().withNewFile("a", "theirs\n").changes(base());
    await expect(ours.withChangeset(theirs).sync()).rejects.toThrow();
    const early = { onConflict: ChangesetMergeConflict.FailEarly };
    await expect(ours.withChangeset(theirs, early).sync()).rejects.toThrow(/\ba\b/);
    for (const [onConflict, text] of [
      [ChangesetMergeConflict.PreferOurs, "ours\n"],
      [ChangesetMergeConflict.PreferTheirs, "theirs\n"],
    ] as const) {
      const merged = ours.withChangeset(theirs, { onConflict });
      expect(await merged.after().file("a").contents()).toBe(text);
    }
  });

  test("withChangesets unites several at once", async () => {
    const change = (name: string) => base().withNewFile(name, "new\n").changes(base());
    const merged = change("x").withChangesets([change("y"), change("z")]);
    expect([...(await merged.addedPaths())].sort()).toEqual(["x", "y", "z"]);
  });

  test("dag.changeset is empty", async () => {
    expect(await dag.changeset().isEmpty()).toBe(true);
  });
});
