import { rm, mkdtemp, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GitHistory } from "../../.dagger/src/git/git-history.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { LocalGit } from "../../.dagger/src/git/local-git.ts";
import { parseRemote } from "../../.dagger/src/git/remote.ts";
import { git } from "./gitServer.ts";

/** A real repository, which is its own remote, with a line of commits, one that left the line, and one of another history. */
export interface ReleaseHistory {
  history: History;
  /** `a ← b ← c ← d`, `a ← hotfix`, `alien`; and `missing`, which is not there. */
  commits: Record<"a" | "b" | "c" | "d" | "hotfix" | "alien" | "missing", string>;
  remove(): Promise<void>;
}

const changelog = `# Changelog

## [Unreleased]

## [1.10.0] - 2026-02-01

### Added

- Opening hours.

## v1.3.0

### Fixed

[1.10.0]: https://example.com/compare
`;

/** Branches: main at c, production at b, drifted at hotfix, foreign at alien, next at d. */
export async function releaseHistory(): Promise<ReleaseHistory> {
  const dir = await mkdtemp(join(realpathSync(tmpdir()), "sluice-test-"));
  const run = (...args: string[]) => git(dir, ...args);
  const commit = async (message: string) => {
    await run("commit", "-q", "--allow-empty", "-m", message);
    return run("rev-parse", "HEAD");
  };
  const tag = (name: string, on: string) => run("tag", "-a", "-m", name, name, on);
  await run("init", "-q", "-b", "main");
  const a = await commit("a");
  const b = await commit("b");
  await writeFile(join(dir, "CHANGELOG.md"), changelog);
  await run("add", "CHANGELOG.md");
  const c = await commit("c");
  await run("switch", "-q", "-c", "next");
  const d = await commit("d");
  await run("switch", "-q", "-c", "drifted", a);
  const hotfix = await commit("hotfix");
  await run("switch", "-q", "--orphan", "foreign");
  const alien = await commit("alien");
  await run("branch", "production", b);
  for (const name of ["v1.2.3", "v2026.01.31", "v2026.01.31-2"]) await tag(name, b);
  for (const name of ["v1.3.0", "v1.10.0", "nightly"]) await tag(name, c);
  await tag("v3.0.0-rc.1", a);
  await run("tag", "prod-7", b);
  await run("tag", "prod-10", b);
  await run("tag", "v2.0.0", d);
  const remote = parseRemote(dir);
  const program = await LocalGit.open({ remote, source: join(dir, ".git") });
  return {
    history: new GitHistory({ git: program, remote, source: remote }),
    commits: { a, b, c, d, hotfix, alien, missing: "f".repeat(40) },
    async remove() {
      await program.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
