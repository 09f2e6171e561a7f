import { rm, mkdtemp, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SluiceError } from "../../.dagger/src/error.ts";
import type { GitTag, History, Relation } from "../../.dagger/src/git/history.ts";
import { git } from "./gitServer.ts";

/** A real repository with a line of commits, one that left the line, and one of another history. */
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
  return {
    history: new CommandHistory(dir),
    commits: { a, b, c, d, hotfix, alien, missing: "f".repeat(40) },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** What git itself says of a repository, which is its own remote. */
class CommandHistory implements History {
  readonly remote = "https://github.com/acme/shop";

  constructor(private readonly dir: string) {}

  async branch(name: string): Promise<string | undefined> {
    return this.#ask("rev-parse", "--verify", "-q", `refs/heads/${name}`);
  }

  async tags(): Promise<readonly GitTag[]> {
    const format = "%(refname:strip=2) %(objecttype) %(*objectname) %(objectname)";
    const lines = await git(this.dir, "for-each-ref", `--format=${format}`, "refs/tags");
    return lines.split("\n").map((line) => {
      const [name = "", type, ...names] = line.split(" ");
      return {
        name,
        commit: names.find((one) => one !== "") ?? "",
        annotated: type === "tag",
      };
    });
  }

  async relation(first: string, second: string): Promise<Relation> {
    for (const commit of [first, second]) {
      if ((await this.#ask("cat-file", "-t", commit)) !== "commit") {
        throw new SluiceError("HISTORY_MISSING", `${commit} is not in this clone`, {
          hint: `fetch it: git fetch origin ${commit}`,
        });
      }
    }
    if (first === second) return "same";
    const base = await this.#ask("merge-base", first, second);
    if (base === first) return "ancestor";
    if (base === second) return "descendant";
    return base === undefined ? "unrelated" : "diverged";
  }

  file(commit: string, path: string): Promise<string | undefined> {
    return this.#ask("show", `${commit}:${path}`);
  }

  async changed(from: string | undefined, to: string): Promise<readonly string[]> {
    const args =
      from === undefined ? ["ls-tree", "-r", "--name-only", to] : ["diff", "--name-only", from, to];
    return (await git(this.dir, ...args)).split("\n").filter((path) => path !== "");
  }

  async #ask(...args: string[]): Promise<string | undefined> {
    try {
      return await git(this.dir, ...args);
    } catch {
      return undefined;
    }
  }
}
