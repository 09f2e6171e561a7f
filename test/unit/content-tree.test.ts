import { describe, expect, test } from "vitest";
import { type Entry, Tree } from "../../dagger/content/tree.ts";

const metadata = { mode: 0o644, uid: 0, gid: 0, mtime: 1 };
const file = (text: string): Entry => ({
  kind: "file",
  ...metadata,
  blob: { digest: text.padEnd(64, "0"), size: text.length },
});
const link = (target: string): Entry => ({ kind: "symlink", ...metadata, target });
/** `{ "a/b": "text", l: "-> a" }` */
const tree = (files: Record<string, string>): Tree =>
  Tree.of(
    Object.entries(files).map(([path, text]) => [
      path,
      text.startsWith("-> ") ? link(text.slice(3)) : file(text),
    ]),
  );
const paths = (of: Tree): string[] => [...of.entries.keys()].sort();

describe("paths", () => {
  test("are normal, with all parents", () => {
    expect(paths(tree({ "./a//b/../c/f": "x" }))).toEqual(["a", "a/c", "a/c/f"]);
  });

  test("can't lead out of the tree", () => {
    expect(paths(tree({ "../../etc/passwd": "x" }))).toEqual(["etc", "etc/passwd"]);
    const linked = tree({ up: "-> ../../..", "etc/passwd": "inside" });
    expect(linked.resolve("up/etc/passwd", { followLast: true })).toBe("etc/passwd");
  });

  test("through symlinks lead where those point, absolute ones from the root", () => {
    const linked = tree({ "real/f": "x", dir: "-> real", "sub/abs": "-> /real/f" });
    expect(linked.resolve("dir/f", { followLast: true })).toBe("real/f");
    expect(linked.resolve("sub/abs", { followLast: true })).toBe("real/f");
    expect(linked.resolve("sub/abs", { followLast: false })).toBe("sub/abs");
  });

  test("in a circle of symlinks lead nowhere", () => {
    expect(tree({ a: "-> b", b: "-> a" }).resolve("a", { followLast: true })).toBeUndefined();
  });
});

describe("changes", () => {
  const before = tree({ "dir/gone": "1", "dir/deep/gone": "1", kept: "1", edited: "1" });

  test("name what was added, modified and removed; a removed directory stands for its content", () => {
    const after = tree({ kept: "1", edited: "2", "new/file": "1" });
    expect(after.changes(before)).toEqual({
      added: ["new/", "new/file"],
      modified: ["edited"],
      removed: ["dir/"],
    });
  });

  test("see a file that became a directory", () => {
    expect(tree({ "x/f": "1" }).changes(tree({ x: "1" })).added).toEqual(["x/f"]);
  });

  test("count modes and owners, but no times", () => {
    expect(before.withTimestamps(99).changes(before).modified).toEqual([]);
    expect(before.chown("kept", 1, 1).changes(before).modified).toEqual(["kept"]);
  });
});

describe("merging", () => {
  test("replaces a directory by a file, with all that was in it, and a file by a directory", () => {
    const merged = tree({ "a/x": "1", b: "1" }).withTree("", tree({ a: "2", "b/y": "2" }), {});
    expect(paths(merged)).toEqual(["a", "b", "b/y"]);
  });

  test("goes through a symlinked directory, which stays a link", () => {
    const merged = tree({ "real/old": "1", l: "-> real" }).withTree("l", tree({ new: "2" }), {});
    expect(paths(merged)).toEqual(["l", "real", "real/new", "real/old"]);
    expect(merged.get("l")?.kind).toBe("symlink");
  });

  test("leaves the trees that were merged as they were", () => {
    const one = tree({ a: "1" });
    one.withTree("", tree({ b: "2" }), {}).without(["a"]);
    expect(paths(one)).toEqual(["a"]);
  });
});

describe("digests", () => {
  test("do not depend on the order in which entries came", () => {
    expect(tree({ a: "1", b: "2" }).digest()).toBe(tree({ b: "2", a: "1" }).digest());
  });

  test("differ with a name, a content, a mode and a link's target", () => {
    const trees = [
      tree({ a: "1" }),
      tree({ b: "1" }),
      tree({ a: "2" }),
      tree({ a: "-> 1" }),
      tree({ a: "-> 2" }),
      tree({ a: "1" }).withFile("a", { ...file("1"), mode: 0o755 } as never),
    ];
    expect(new Set(trees.map((each) => each.digest())).size).toBe(trees.length);
  });

  test("forget times; keys do not", () => {
    const one = tree({ a: "1" });
    expect(one.withTimestamps(5).digest()).toBe(one.digest());
    expect(one.withTimestamps(5).key()).not.toBe(one.key());
  });
});
