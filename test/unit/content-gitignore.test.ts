import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { promisify } from "node:util";
import { join, relative } from "node:path";
import { expect, test } from "vitest";
import { ignoredByGit } from "../../dagger/content/gitignore.ts";
import { scratch } from "../support/scratch.ts";

const run = promisify(execFile);

const cases: Record<string, Record<string, string>> = {
  "names, folders and patterns": {
    ".gitignore": "*.log\nbuild/\n/only-top\ndoc/*.txt\n",
    "a.log": "",
    "sub/b.log": "",
    "build/out": "",
    "sub/build/out": "",
    "only-top": "",
    "sub/only-top": "",
    "doc/x.txt": "",
    "doc/sub/x.txt": "",
  },
  "negation, but not out of an ignored folder": {
    ".gitignore": "*.log\n!keep.log\ncache\n!cache/keep\n",
    "x.log": "",
    "keep.log": "",
    "cache/keep": "",
  },
  "nearer files override farther ones": {
    ".gitignore": "*.txt\n",
    "sub/.gitignore": "!*.txt\nnot-here\n",
    "a.txt": "",
    "sub/a.txt": "",
    "sub/not-here": "",
    "sub/deep/not-here": "",
  },
  "double stars, escapes, comments, trailing spaces": {
    ".gitignore": "# a comment\n**/tmp/**\n\\#literal\ntrailing   \na/**/z\n",
    "x/tmp/y": "",
    "#literal": "",
    trailing: "",
    "a/z": "",
    "a/b/c/z": "",
    "a/b/zz": "",
  },
};

test.each(Object.entries(cases))("ignores what git ignores: %s", async (_, files) => {
  const root = await scratch(files);
  await run("git", ["init", "--quiet", root]);
  const all = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile())
    .map((item) => relative(root, join(item.parentPath, item.name)))
    .filter((path) => !path.startsWith(".git/"));
  // Exit code 1 says that nothing is ignored.
  const { stdout } = await run("git", ["-C", root, "check-ignore", "--no-index", ...all]).catch(
    (error: unknown) => error as { stdout: string },
  );
  const texts = new Map(Object.entries(files).filter(([path]) => path.endsWith(".gitignore")));
  const ignored = ignoredByGit(texts);
  expect(all.filter((path) => ignored(path, false)).sort()).toEqual(
    stdout.split("\n").filter(Boolean).sort(),
  );
});
