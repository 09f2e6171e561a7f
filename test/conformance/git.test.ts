import { access, mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dag, type GitRepository } from "@dagger.io/dagger";
import { describe, expect, test } from "vitest";
import { git, gitServer } from "../support/gitServer.ts";
import { scratch } from "../support/scratch.ts";

interface Sample {
  root: string;
  dir: string;
  first: string;
  second: string;
  side: string;
}

/**
 * `main` with two commits, a branch `side` that leaves it after the first one, a light tag v1.0.0
 * on the first commit and an annotated tag v2.0.0 on the second.
 */
async function sampleRepository(): Promise<Sample> {
  const root = await scratch();
  const dir = join(root, "repo");
  await mkdir(dir);
  await git(dir, "init", "--quiet", "--initial-branch=main");
  const commit = async (file: string, text: string) => {
    await mkdir(join(dir, "sub"), { recursive: true });
    await writeFile(join(dir, file), text);
    await git(dir, "add", ".");
    await git(dir, "commit", "--quiet", "-m", `write ${file}`);
    return git(dir, "rev-parse", "HEAD");
  };
  const first = await commit("file", "first\n");
  await git(dir, "tag", "v1.0.0");
  await git(dir, "checkout", "--quiet", "-b", "side");
  const side = await commit("sub/side", "side\n");
  await git(dir, "checkout", "--quiet", "main");
  const second = await commit("file", "second\n");
  await git(dir, "tag", "-a", "v2.0.0", "-m", "the second");
  return { root, dir, first, second, side };
}

async function remote(sample: Sample, options: { password?: string } = {}) {
  const port = await gitServer(sample.root, options);
  const service = dag.host().service([{ frontend: 80, backend: port }]);
  const url = `http://${await service.hostname()}/repo/.git`;
  return { url, experimentalServiceHost: service };
}

/** What holds for every repository with the sample's history, wherever it comes from. */
async function expectSample(repository: GitRepository, sample: Sample): Promise<void> {
  expect(await repository.head().commit()).toBe(sample.second);
  expect(await repository.head().ref()).toBe("refs/heads/main");
  expect(await repository.branch("main").commit()).toBe(sample.second);
  expect(await repository.branch("side").commit()).toBe(sample.side);
  expect(await repository.branch("side").ref()).toBe("refs/heads/side");
  expect(await repository.tag("v1.0.0").commit()).toBe(sample.first);
  expect(await repository.tag("v1.0.0").ref()).toBe("refs/tags/v1.0.0");
  // An annotated tag stands for its commit, not for the tag object.
  expect(await repository.tag("v2.0.0").commit()).toBe(sample.second);
  expect(await repository.commit(sample.first).commit()).toBe(sample.first);
  expect(await repository.ref("refs/heads/side").commit()).toBe(sample.side);
  expect(await repository.ref("v1.0.0").commit()).toBe(sample.first);

  expect([...new Set(await repository.tags())].sort()).toEqual(["v1.0.0", "v2.0.0"]);
  expect(await repository.tags({ patterns: ["v1*"] })).toEqual(["v1.0.0"]);
  expect([...(await repository.branches())].sort()).toEqual(["main", "side"]);
  expect(await repository.latestVersion().ref()).toBe("refs/tags/v2.0.0");
  expect(await repository.branch("main").commonAncestor(repository.branch("side")).commit()).toBe(
    sample.first,
  );

  expect(await repository.tag("v1.0.0").tree().file("file").contents()).toBe("first\n");
  expect(await repository.head().tree().file("file").contents()).toBe("second\n");
  expect(await repository.commit(sample.side).tree().file("sub/side").contents()).toBe("side\n");
  expect(await repository.branch("main").tree().entries()).toEqual([".git/", "file"]);
  expect(await repository.branch("main").tree({ discardGitDir: true }).entries()).toEqual(["file"]);
}

describe("a repository served over HTTP", () => {
  test("answers branches, tags, commits and their trees", async () => {
    const sample = await sampleRepository();
    const { url, ...options } = await remote(sample);
    const repository = dag.git(url, options);
    expect(await repository.url()).toBe(url);
    await expectSample(repository, sample);
    // Once for itself and once for its commit.
    expect(await repository.tags()).toEqual(["v1.0.0", "v2.0.0", "v2.0.0"]);
  });

  test("a ref that is not there is an error that names it", async () => {
    const sample = await sampleRepository();
    const { url, ...options } = await remote(sample);
    const repository = dag.git(url, options);
    await expect(repository.branch("nope").commit()).rejects.toThrow(/nope/);
    await expect(repository.tag("main").commit()).rejects.toThrow(
      /repository does not contain.*main/s,
    );
    await expect(repository.commit("main").commit()).rejects.toThrow(/invalid commit SHA/);
    await expect(repository.commit("0".repeat(40)).tree().entries()).rejects.toThrow();
  });

  test("tree depth is one commit unless it is asked for more", async () => {
    const sample = await sampleRepository();
    const { url, ...options } = await remote(sample);
    const main = dag.git(url, options).branch("main");
    expect(await main.tree().exists(".git/shallow")).toBe(true);
    expect(await main.tree({ depth: -1 }).exists(".git/shallow")).toBe(false);
  });

  test("a checkout can be opened as a repository again", async () => {
    const sample = await sampleRepository();
    const { url, ...options } = await remote(sample);
    const tree = dag.git(url, options).tag("v1.0.0").tree();
    expect(await tree.asGit().head().commit()).toBe(sample.first);
  });

  test("asks for credentials: without them refused, with a token served, the token nowhere shown", async () => {
    const sample = await sampleRepository();
    const password = "tok-3n-of-the-test";
    const { url, ...options } = await remote(sample, { password });
    await expect(dag.git(url, options).head().commit()).rejects.toThrow(/auth|401/i);
    const token = dag.setSecret("git-token", password);
    const repository = dag.git(url, { ...options, httpAuthToken: token });
    expect(await repository.head().commit()).toBe(sample.second);
    const config = await repository.head().tree().file(".git/config").contents();
    expect(config).not.toContain(password);
    const header = `Basic ${Buffer.from(`x-access-token:${password}`).toString("base64")}`;
    const byHeader = dag.git(url, {
      ...options,
      httpAuthHeader: dag.setSecret("git-header", header),
    });
    expect(await byHeader.head().commit()).toBe(sample.second);
  });

  test("a server that is not there is an error that names it", async () => {
    const repository = dag.git("http://127.0.0.1:1/none.git");
    await expect(repository.head().commit()).rejects.toThrow(/127\.0\.0\.1/);
  });
});

describe("Directory.asGit", () => {
  test("opens a work tree", async () => {
    const sample = await sampleRepository();
    await expectSample(dag.host().directory(sample.dir).asGit(), sample);
  });

  test("opens a .git directory and a bare clone", async () => {
    const sample = await sampleRepository();
    await git(sample.root, "clone", "--quiet", "--bare", sample.dir, "bare.git");
    for (const name of ["repo/.git", "bare.git"]) {
      const repository = dag.host().directory(join(sample.root, name)).asGit();
      expect(await repository.head().commit()).toBe(sample.second);
      expect(await repository.tag("v1.0.0").tree().file("file").contents()).toBe("first\n");
    }
  });

  test("uncommitted is what the work tree has changed", async () => {
    const sample = await sampleRepository();
    const clean = dag.host().directory(sample.dir, { noCache: true }).asGit().uncommitted();
    expect(await clean.isEmpty()).toBe(true);
    await writeFile(join(sample.dir, "file"), "edited\n");
    await writeFile(join(sample.dir, "new"), "new\n");
    const dirty = dag.host().directory(sample.dir, { noCache: true }).asGit().uncommitted();
    expect(await dirty.modifiedPaths()).toEqual(["file"]);
    // The empty folder as well: git knows nothing of it.
    expect(await dirty.addedPaths()).toEqual(["new", "sub/"]);
    await rm(join(sample.dir, "file"));
    const removed = dag.host().directory(sample.dir, { noCache: true }).asGit().uncommitted();
    expect(await removed.removedPaths()).toEqual(["file"]);
  });

  test("uncommitted leaves out what is ignored, and sees what is no longer where it was", async () => {
    const sample = await sampleRepository();
    await git(sample.dir, "checkout", "--quiet", "side");
    await writeFile(join(sample.dir, ".gitignore"), "*.log\n");
    await writeFile(join(sample.dir, "sub", "debug.log"), "noise");
    await rename(join(sample.dir, "sub", "side"), join(sample.dir, "moved"));
    const changes = dag.host().directory(sample.dir, { noCache: true }).asGit().uncommitted();
    expect(await changes.addedPaths()).toEqual([".gitignore", "moved"]);
    expect(await changes.modifiedPaths()).toEqual([]);
    expect(await changes.removedPaths()).toEqual(["sub/side"]);
  });

  test.each(["detached HEAD", "shallow clone"])("opens a work tree with a %s", async (kind) => {
    const sample = await sampleRepository();
    await git(sample.root, "clone", "--quiet", "--depth=1", `file://${sample.dir}`, "clone");
    const dir = join(sample.root, kind === "shallow clone" ? "clone" : "repo");
    if (kind === "detached HEAD") {
      await git(dir, "checkout", "--quiet", "--detach", sample.first);
      for (const branch of ["main", "side"]) await git(dir, "branch", "--quiet", "-D", branch);
      for (const tag of ["v1.0.0", "v2.0.0"]) await git(dir, "tag", "--delete", tag);
    }
    const [commit, content] =
      kind === "shallow clone" ? [sample.second, "second\n"] : [sample.first, "first\n"];
    const repository = dag.host().directory(dir, { noCache: true }).asGit();
    const head = repository.head();
    expect(await head.commit()).toBe(commit);
    const tree = head.tree({ discardGitDir: true });
    expect(await tree.entries()).toEqual(["file"]);
    expect(await tree.file("file").contents()).toBe(content);
    expect(await repository.uncommitted().isEmpty()).toBe(true);
  });

  test("uncommitted runs nothing that the repository's configuration names", async () => {
    const sample = await sampleRepository();
    const trace = join(sample.root, "trace");
    for (const name of ["core.fsmonitor", "filter.evil.clean", "filter.evil.process"])
      await git(sample.dir, "config", name, `touch ${trace}; cat`);
    await writeFile(join(sample.dir, ".gitattributes"), "* filter=evil\n");
    const changes = dag.host().directory(sample.dir, { noCache: true }).asGit().uncommitted();
    expect(await changes.addedPaths()).toEqual([".gitattributes", "sub/"]);
    await expect(access(trace)).rejects.toThrow("ENOENT");
  });

  test("a directory that is no repository is told so", async () => {
    const repository = dag.directory().withNewFile("f", "").asGit();
    await expect(repository.head().commit()).rejects.toThrow("not a git repository");
    await expect(repository.tags()).rejects.toThrow("not a git repository");
  });
});
