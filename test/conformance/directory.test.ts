import { readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dag, ExistsType, type DirectoryFilterOpts } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { addUser, debian, nonce, sh } from "../support/containers.ts";
import { scratch } from "../support/scratch.ts";

const missing = "no such file or directory";

describe("Directory content", () => {
  test("an empty directory has no entries", async () => {
    expect(await dag.directory().entries()).toEqual([]);
    expect(await dag.directory().glob("**/*")).toEqual([]);
  });

  test("entries are sorted, and directories end in a slash", async () => {
    const directory = dag
      .directory()
      .withNewFile("b", "")
      .withNewFile("a/x", "")
      .withNewDirectory("c")
      .withNewFile(".hidden", "");
    expect(await directory.entries()).toEqual([".hidden", "a/", "b", "c/"]);
    expect(await directory.entries({ path: "a" })).toEqual(["x"]);
  });

  test("entries of a missing path or of a file is an error", async () => {
    const directory = dag.directory().withNewFile("f", "");
    await expect(directory.entries({ path: "nope" })).rejects.toThrow(/nope/);
    await expect(directory.entries({ path: "f" })).rejects.toThrow();
  });

  test("directory selects a subdirectory, which then stands for itself", async () => {
    const sub = dag.directory().withNewFile("top", "").withNewFile("sub/in", "1").directory("sub");
    expect(await sub.entries()).toEqual(["in"]);
    expect(await dag.directory().withDirectory("/", sub).entries()).toEqual(["in"]);
    expect(await sub.withNewFile("new", "").entries()).toEqual(["in", "new"]);
  });

  test("directory of a missing path or of a file is an error that names it", async () => {
    const directory = dag.directory().withNewFile("f", "");
    await expect(directory.directory("foo").sync()).rejects.toThrow(`foo: ${missing}`);
    await expect(directory.directory("f").sync()).rejects.toThrow("f is a file, not a directory");
  });

  test("name is the last part of the path with a slash, or / for the root", async () => {
    const directory = dag.directory().withNewDirectory("very/nested");
    expect(await directory.name()).toBe("/");
    expect(await directory.directory("very/nested").name()).toBe("nested/");
  });

  test("glob matches names, directories too, at any depth with **", async () => {
    const directory = dag
      .directory()
      .withNewFile("main.go", "")
      .withNewFile("read.md", "")
      .withNewFile("sub/more.md", "")
      .withNewFile("sub/deep/most.md", "")
      .withNewFile("docs.md/x.go", "");
    expect(await directory.glob("*.md")).toEqual(["docs.md/", "read.md"]);
    expect([...(await directory.glob("**/*.md"))].sort()).toEqual([
      "docs.md/",
      "read.md",
      "sub/deep/most.md",
      "sub/more.md",
    ]);
    expect(await directory.glob("sub/**/*.md")).toHaveLength(2);
    expect(await directory.directory("sub").glob("**/*")).toEqual([
      "deep/",
      "deep/most.md",
      "more.md",
    ]);
    expect(await directory.glob("*.none")).toEqual([]);
  });

  test("a chain changes nothing that it started from", async () => {
    const base = dag.directory().withNewFile("f", "1");
    expect(await base.withNewFile("f", "2").file("f").contents()).toBe("2");
    expect(await base.file("f").contents()).toBe("1");
  });
});

describe("adding", () => {
  test("withNewFile makes parents and defaults to mode 644", async () => {
    const directory = dag.directory().withNewFile("a/b/c", "deep");
    expect(await directory.file("a/b/c").contents()).toBe("deep");
    expect(await directory.stat("a/b/c").permissions()).toBe(0o644);
    expect(await directory.stat("a/b").permissions()).toBe(0o755);
  });

  test("a name longer than 255 characters is refused", async () => {
    await expect(dag.directory().withNewFile("x".repeat(256), "").sync()).rejects.toThrow(
      "255 characters",
    );
  });

  test("withNewDirectory honours permissions and stays inside", async () => {
    const directory = dag.directory().withNewDirectory("d/e", { permissions: 0o700 });
    expect(await directory.stat("d/e").permissions()).toBe(0o700);
    const outside = directory.directory("d").withNewDirectory("../../out");
    await expect(outside.sync()).rejects.toThrow("cannot create directory outside parent");
  });

  test("withFile copies under a new name, keeping permissions unless told otherwise", async () => {
    const file = dag.directory().withNewFile("src", "x", { permissions: 0o755 }).file("src");
    const directory = dag
      .directory()
      .withFile("sub/copy", file)
      .withFile("other", file, { permissions: 0o600 });
    expect(await directory.file("sub/copy").contents()).toBe("x");
    expect(await directory.stat("sub/copy").permissions()).toBe(0o755);
    expect(await directory.stat("other").permissions()).toBe(0o600);
  });

  test.each([".", "", "/"])("withFile at %j keeps the file's own name", async (path) => {
    const file = dag.directory().withNewFile("sub/own", "x").file("sub/own");
    expect(await dag.directory().withFile(path, file).entries()).toEqual(["own"]);
  });

  test.each(["sub", "sub/", "/"])("withFiles puts files into %j", async (path) => {
    const directory = dag.directory().withFiles(path, [dag.file("one", "1"), dag.file("two", "2")]);
    expect(await directory.entries({ path })).toEqual(["one", "two"]);
  });

  test("withDirectory merges; the later file wins", async () => {
    const directory = dag
      .directory()
      .withNewFile("keep", "base")
      .withNewFile("both", "base")
      .withDirectory("/", dag.directory().withNewFile("both", "new").withNewFile("sub/x", "x"));
    expect(await directory.glob("**/*")).toEqual(["both", "keep", "sub/", "sub/x"]);
    expect(await directory.file("both").contents()).toBe("new");
  });

  test("withDirectory permissions apply to everything that is copied", async () => {
    const source = dag
      .directory()
      .withNewFile("f", "", { permissions: 0o600 })
      .withNewDirectory("d");
    const directory = dag.directory().withDirectory("out", source, { permissions: 0o751 });
    for (const path of ["out", "out/f", "out/d"]) {
      expect(await directory.stat(path).permissions()).toBe(0o751);
    }
  });

  test("a directory replaces a file, and a file replaces a directory's place", async () => {
    const directory = dag.directory().withNewFile("node", "file");
    const replaced = directory.withDirectory("node", dag.directory().withNewFile("new", ""));
    expect(await replaced.entries({ path: "node" })).toEqual(["new"]);
  });

  test("withError fails with its message, and not with an empty one", async () => {
    await expect(dag.directory().withError("on purpose").sync()).rejects.toThrow("on purpose");
    await dag.directory().withError("").sync();
  });
});

describe("filtering", () => {
  const source = () =>
    dag
      .directory()
      .withNewFile("a.txt", "")
      .withNewFile("b.txt", "")
      .withNewFile("c.txt.rar", "")
      .withNewFile("sub/d.txt", "")
      .withNewFile("sub/f.txt.rar", "");

  const cases: [DirectoryFilterOpts, string[]][] = [
    [{ exclude: ["*.rar"] }, ["a.txt", "b.txt", "sub/", "sub/d.txt", "sub/f.txt.rar"]],
    [{ exclude: ["**/*.rar"] }, ["a.txt", "b.txt", "sub/", "sub/d.txt"]],
    [{ exclude: ["sub"] }, ["a.txt", "b.txt", "c.txt.rar"]],
    [{ include: ["*.rar"] }, ["c.txt.rar"]],
    [{ include: ["sub"] }, ["sub/", "sub/d.txt", "sub/f.txt.rar"]],
    [{ include: ["**/*.rar"] }, ["c.txt.rar", "sub/", "sub/f.txt.rar"]],
    [{ include: ["*.txt"], exclude: ["b.txt"] }, ["a.txt"]],
    [{ include: ["a.txt"], exclude: ["*.txt"] }, []],
    [
      { exclude: ["*.txt", "!a.txt"] },
      ["a.txt", "c.txt.rar", "sub/", "sub/d.txt", "sub/f.txt.rar"],
    ],
  ];

  test.each(cases)("filter and withDirectory agree on %j", async (patterns, expected) => {
    expect(await source().filter(patterns).glob("**/*")).toEqual(expected);
    const copied = dag.directory().withDirectory(".", source(), patterns);
    expect(await copied.glob("**/*")).toEqual(expected);
  });

  test("patterns start from the directory that is filtered", async () => {
    expect(
      await source()
        .directory("sub")
        .filter({ exclude: ["*.rar"] })
        .entries(),
    ).toEqual(["d.txt"]);
  });

  test("gitignore applies the rules of .gitignore files, nested ones too", async () => {
    const directory = source()
      .withNewFile(".gitignore", "b.txt\n*.rar\n!sub/f.txt.rar\n")
      .withNewFile("sub/.gitignore", "d.*\n");
    expect(await directory.filter({ gitignore: true }).glob("**/*")).toEqual([
      ".gitignore",
      "a.txt",
      "sub/",
      "sub/.gitignore",
      "sub/f.txt.rar",
    ]);
  });
});

describe("removing", () => {
  const full = () =>
    dag
      .directory()
      .withNewFile("foo.txt", "")
      .withNewFile("a1/f", "")
      .withNewFile("a2/f", "")
      .withNewFile("b/bar.txt", "")
      .withNewFile("b/data.json", "");

  test("withoutFile and withoutFiles take paths and patterns; missing ones are no error", async () => {
    expect(await full().withoutFile("b/*.txt").entries({ path: "b" })).toEqual(["data.json"]);
    expect(await full().withoutFiles(["foo.txt", "nope", "b/data.json"]).glob("**/*")).toEqual([
      "a1/",
      "a1/f",
      "a2/",
      "a2/f",
      "b/",
      "b/bar.txt",
    ]);
  });

  test("withoutDirectory takes paths and patterns; a missing one is no error", async () => {
    expect(await full().withoutDirectory("a*").entries()).toEqual(["b/", "foo.txt"]);
    expect(await full().withoutDirectory("nope").entries()).toHaveLength(4);
  });
});

describe("links", () => {
  test("a link is kept as a link, and reading follows it", async () => {
    const directory = dag.directory().withNewFile("target", "1").withSymlink("target", "link");
    expect(await directory.file("link").contents()).toBe("1");
    const listed = debian().withDirectory("/d", directory).withExec(["readlink", "/d/link"]);
    expect(await listed.stdout()).toBe("target\n");
    expect(await directory.withNewFile("target", "2").file("link").contents()).toBe("2");
  });

  test("absolute targets start from the root of the tree, not from the host", async () => {
    const inner = dag.directory().withNewFile("f", "inner").withSymlink("/f", "link");
    expect(await inner.file("link").contents()).toBe("inner");
    const outer = dag.directory().withNewFile("f", "outer").withDirectory("sub", inner);
    expect(await outer.file("sub/link").contents()).toBe("outer");
    await expect(
      dag.directory().withSymlink("/etc/passwd", "l").file("l").contents(),
    ).rejects.toThrow(missing);
  });

  test("links through parents and in the middle of a path are followed", async () => {
    const directory = dag
      .directory()
      .withNewFile("f", "top")
      .withSymlink("../../f", "a/b/link")
      .withSymlink("a", "alias");
    expect(await directory.file("alias/b/link").contents()).toBe("top");
  });

  test("a dangling link may exist, only reading it fails", async () => {
    const directory = dag.directory().withSymlink("nowhere", "link");
    expect(await directory.entries()).toEqual(["link"]);
    await expect(directory.file("link").contents()).rejects.toThrow(missing);
  });

  test("a loop of links ends in an error", async () => {
    const directory = dag.directory().withSymlink("b", "a").withSymlink("a", "b");
    await expect(directory.file("a").contents()).rejects.toThrow();
  });

  test("a link is not written over an existing name", async () => {
    const twice = dag.directory().withSymlink("x", "link").withSymlink("y", "link");
    await expect(twice.sync()).rejects.toThrow("file exists");
  });
});

describe("questions", () => {
  const directory = () =>
    dag
      .directory()
      .withNewFile("d/f", "1234", { permissions: 0o444 })
      .withSymlink("d/f", "link")
      .withSymlink("x", "dangling");

  test("exists tells types apart and follows links unless told not to", async () => {
    const { RegularType, DirectoryType, SymlinkType } = ExistsType;
    const cases = [
      ["nope", {}, false],
      ["d", {}, true],
      ["d", { expectedType: DirectoryType }, true],
      ["d", { expectedType: RegularType }, false],
      ["d/f", { expectedType: RegularType }, true],
      ["link", { expectedType: RegularType }, true],
      ["link", { expectedType: SymlinkType }, true],
      ["d/f", { expectedType: SymlinkType }, false],
      ["link", { expectedType: RegularType, doNotFollowSymlinks: true }, false],
      ["dangling", {}, false],
      ["dangling", { doNotFollowSymlinks: true }, true],
    ] as const;
    for (const [path, options, expected] of cases) {
      expect([path, options, await directory().exists(path, options)]).toEqual([
        path,
        options,
        expected,
      ]);
    }
  });

  test("stat tells name, size, type and permissions", async () => {
    const file = directory().stat("d/f");
    expect([
      await file.name(),
      await file.size(),
      await file.fileType(),
      await file.permissions(),
    ]).toEqual(["f", 4, "REGULAR", 0o444]);
    expect(await directory().stat("d").fileType()).toBe("DIRECTORY");
    expect(await directory().stat("link", { doNotFollowSymlinks: true }).fileType()).toBe(
      "SYMLINK",
    );
    await expect(directory().stat("").name()).rejects.toThrow(missing);
  });

  test("findUp answers the nearest match on the way up, or null", async () => {
    const tree = dag
      .directory()
      .withNewFile("root", "")
      .withNewFile("a/target", "")
      .withNewFile("a/b/other", "")
      .withNewFile("a/b/c/leaf", "");
    expect(await tree.findUp("other", "a/b")).toBe("a/b/other");
    expect(await tree.findUp("target", "a/b")).toBe("a/target");
    expect(await tree.findUp("root", "a/b")).toBe("root");
    expect(await tree.findUp("leaf", "a/b")).toBeNull();
    await expect(tree.findUp("", "a")).rejects.toThrow("name cannot be empty");
  });

  test("search answers file, line and text of literal and regular matches", async () => {
    const tree = dag
      .directory()
      .withNewFile("one.txt", "Hello, World!\nnothing\nWorld again")
      .withNewFile("sub/two.txt", "no match here");
    const [first, second, ...rest] = await tree.search({ pattern: "World" });
    expect(rest).toEqual([]);
    const lines = await Promise.all([first?.lineNumber(), second?.lineNumber()]);
    expect(lines.sort()).toEqual([1, 3]);
    expect(await first?.filePath()).toBe("one.txt");
    const found = await tree.search({ pattern: "m.tch", globs: ["*.txt"] });
    expect(await found[0]?.filePath()).toBe("sub/two.txt");
  });
});

describe("digest", () => {
  test("depends on content and permissions, not on path or time", async () => {
    const a = dag.directory().withNewFile("a/f", "same").directory("a");
    const b = dag.directory().withNewFile("b/f", "same").directory("b");
    expect(await a.digest()).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await a.digest()).toBe(await b.digest());
    expect(await b.withNewFile("f", "other").digest()).not.toBe(await a.digest());
    const executable = dag.directory().withNewFile("f", "same", { permissions: 0o755 });
    expect(await executable.digest()).not.toBe(await a.digest());
  });
});

describe("withTimestamps", () => {
  test("sets the time of every file and directory", async () => {
    const directory = dag.directory().withNewFile("d/f", "").withTimestamps(499_162_500);
    const ran = debian()
      .withMountedDirectory("/t", directory)
      .withExec(["stat", "-c", "%Y", "/t/d", "/t/d/f"]);
    expect(await ran.stdout()).toBe("499162500\n499162500\n");
  });
});

describe("chown", () => {
  test("changes a path and all below it, by id or by name in the tree's own /etc/passwd", async () => {
    const numeric = dag.directory().withNewFile("d/f", "").chown("d", "555:556");
    const listed = debian()
      .withDirectory("/t", numeric)
      .withExec(["stat", "-c", "%u:%g", "/t/d", "/t/d/f"]);
    expect(await listed.stdout()).toBe("555:556\n555:556\n");
    const named = debian()
      .withExec(addUser)
      .rootfs()
      .withNewFile("own/f", "")
      .chown("own", "ann:crew");
    const again = debian()
      .withDirectory("/t", named.directory("own"))
      .withExec(["stat", "-c", "%u:%g", "/t/f"]);
    expect(await again.stdout()).toBe("1234:4321\n");
  });
});

describe("export", () => {
  test("writes files, links and modes, and answers the absolute path", async () => {
    const host = await scratch();
    const target = join(host, "out");
    const directory = dag
      .directory()
      .withNewFile("run", "#!", { permissions: 0o755 })
      .withNewFile("sub/f", "deep")
      .withNewDirectory("empty")
      .withSymlink("run", "link");
    expect(await directory.export(target)).toBe(target);
    expect((await readdir(target)).sort()).toEqual(["empty", "link", "run", "sub"]);
    expect(await readFile(join(target, "sub/f"), "utf8")).toBe("deep");
    expect(await readlink(join(target, "link"))).toBe("run");
    expect((await stat(join(target, "run"))).mode & 0o777).toBe(0o755);
  });

  test("keeps what is already there, unless wipe is set", async () => {
    const host = await scratch({ old: "kept", both: "old" });
    const directory = dag.directory().withNewFile("both", "new");
    await directory.export(host);
    expect((await readdir(host)).sort()).toEqual(["both", "old"]);
    expect(await readFile(join(host, "both"), "utf8")).toBe("new");
    await directory.export(host, { wipe: true });
    expect(await readdir(host)).toEqual(["both"]);
  });

  test("writes again when it is called again", async () => {
    const host = await scratch();
    const directory = dag.directory().withNewFile("f", "engine");
    await directory.export(host);
    await writeFile(join(host, "f"), "changed by hand");
    await directory.export(host);
    expect(await readFile(join(host, "f"), "utf8")).toBe("engine");
  });

  test("writes what a container made", async () => {
    const host = await scratch();
    const word = nonce();
    await debian()
      .withExec(sh(`mkdir /o && echo ${word} > /o/f`))
      .directory("/o")
      .export(host);
    expect(await readFile(join(host, "f"), "utf8")).toBe(`${word}\n`);
  });
});
