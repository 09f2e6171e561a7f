import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { treeFromHost, treeToHost } from "../../content/host.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import { Changeset } from "../files/changeset.ts";
import { Directory } from "../files/directory.ts";
import { git, type GitAccess } from "./command.ts";
import { withFolder } from "./folder.ts";
import { changedPaths, withChanges } from "./work-tree.ts";

/** Where a repository is and how to get at it. */
export interface GitSource {
  /** URL or path that git understands. */
  url(): Promise<string>;
  access(): Promise<GitAccess>;
}

/** A git repository, remote or inside a Directory. */
export class GitRepository implements Node {
  readonly typeName = "GitRepository";

  constructor(
    readonly session: Session,
    readonly key: string,
    readonly source: GitSource,
    /** The URL as given; null for a repository in a Directory. */
    readonly url: string | null,
    /** The work tree, where there is one. */
    private readonly work?: Directory,
  ) {}

  /** What the work tree changed since its last commit, untracked files included and ignored ones not. */
  uncommitted(): Changeset {
    const { work, session } = this;
    if (!work)
      throw new SluiceError("NO_WORK_TREE", "a remote repository has no uncommitted changes");
    const before = this.ref("HEAD").tree({ discardGitDir: true, depth: 1, includeTags: false });
    const after = work.derive(["uncommitted"], async (files) =>
      withChanges(await before.tree(), files, await changedPaths(this, files)),
    );
    return new Changeset(session, before, after);
  }

  /** Every ref of the remote with the commit it points at (annotated tags peeled). */
  async refs(): Promise<Map<string, string>> {
    return new Map(await this.#listed());
  }

  /** Their names. As on a real engine, an annotated tag of a remote repository is there twice. */
  async names(): Promise<string[]> {
    const names = (await this.#listed()).map(([name]) => name);
    return this.url === null ? [...new Set(names)] : names;
  }

  #listed(): Promise<[name: string, commit: string][]> {
    return this.session.once(keyOf("git-refs", this.key), async () => {
      const url = await this.source.url();
      const text = await git(["ls-remote", "--", url], {
        access: await this.source.access(),
        signal: this.session.signal,
      });
      return text
        .split("\n")
        .filter(Boolean)
        .map((line) => {
          const [commit = "", name = ""] = line.split("\t");
          return [name.replace(/\^\{\}$/, ""), commit];
        });
    });
  }

  ref(name: string): GitRef {
    return new GitRef(this, name);
  }
}

/** A branch, tag, commit or HEAD of a repository. */
export class GitRef implements Node {
  readonly typeName = "GitRef";
  readonly key: string;

  constructor(
    readonly repository: GitRepository,
    readonly name: string,
  ) {
    this.key = keyOf("git-ref", repository.key, name);
  }

  /** Full ref name and commit. Throws `GIT_REF_NOT_FOUND`. */
  async resolve(): Promise<{ ref: string; commit: string }> {
    if (/^[0-9a-f]{40}$/.test(this.name)) return { ref: this.name, commit: this.name };
    const refs = await this.repository.refs();
    if (this.name === "HEAD") {
      const commit = refs.get("HEAD");
      if (commit) return { ref: headOf(refs, commit), commit };
    }
    for (const ref of [
      this.name,
      `refs/tags/${this.name}`,
      `refs/heads/${this.name}`,
      `refs/${this.name}`,
    ]) {
      const commit = refs.get(ref);
      if (commit && ref !== "HEAD") return { ref, commit };
    }
    throw new SluiceError(
      "GIT_REF_NOT_FOUND",
      `repository does not contain ref ${JSON.stringify(this.name)}`,
      {
        hint: "Check the name; branches and tags must have been pushed.",
      },
    );
  }

  /** The best common ancestor with a ref of the same repository. */
  async commonAncestor(other: GitRef): Promise<GitRef> {
    const { session, source } = this.repository;
    const [ours, theirs] = await Promise.all([this.resolve(), other.resolve()]);
    return withFolder(async (folder) => {
      const access = await source.access();
      const run = (...args: string[]) => git(args, { cwd: folder, access, signal: session.signal });
      await run("init", "--quiet", "--bare");
      await run(
        "fetch",
        "--quiet",
        "--filter=blob:none",
        "--",
        await source.url(),
        "+refs/*:refs/*",
      );
      const base = await run("merge-base", ours.commit, theirs.commit);
      return this.repository.ref(base.trim());
    });
  }

  /** A checkout, with its `.git` unless `discardGitDir`. `depth` 0 is the whole history. */
  tree(options: { discardGitDir: boolean; depth: number; includeTags: boolean }): Directory {
    const { session } = this.repository;
    return new Directory(session, keyOf("git-tree", this.key, JSON.stringify(options)), () =>
      session.progress.task(`git checkout ${this.name}`, async () => {
        const { ref, commit } = await this.resolve();
        return withFolder(async (folder) => {
          const { source } = this.repository;
          const access = await source.access();
          const run = (...args: string[]) =>
            git(args, { cwd: folder, access, signal: session.signal });
          await run("init", "--quiet");
          await run("remote", "add", "origin", await source.url());
          const depth = options.depth > 0 ? [`--depth=${options.depth}`] : [];
          const tags = options.includeTags ? "--tags" : "--no-tags";
          await run(
            "fetch",
            "--quiet",
            tags,
            ...depth,
            "origin",
            ref.startsWith("refs/") ? `+${ref}:${ref}` : commit,
          ).catch(
            // Servers may refuse a bare commit id; then its branch has to be found in the whole history.
            () => run("fetch", "--quiet", tags, "origin", "+refs/heads/*:refs/remotes/origin/*"),
          );
          await run(
            "checkout",
            "--quiet",
            ...(ref.startsWith("refs/heads/")
              ? ["-B", ref.slice("refs/heads/".length), commit]
              : ["--detach", commit]),
          );
          if (options.discardGitDir)
            await rm(join(folder, ".git"), { recursive: true, force: true });
          return treeFromHost(session.store, folder, {});
        });
      }),
    );
  }
}

/** A repository whose files are in a Directory. */
export function repositoryIn(directory: Directory): GitRepository {
  const { session } = directory;
  const key = keyOf("as-git", directory.key);
  const url = () =>
    session.once(keyOf("as-git-folder", key), async () => {
      const folder = await mkdtemp(join(tmpdir(), "sluice-git-"));
      session.onClose(() => rm(folder, { recursive: true, force: true }));
      await treeToHost(session.store, await directory.tree(), folder, {});
      return folder;
    });
  return new GitRepository(session, key, { url, access: async () => ({}) }, null, directory);
}

function headOf(refs: Map<string, string>, commit: string): string {
  for (const [name, value] of refs)
    if (value === commit && name.startsWith("refs/heads/")) return name;
  return commit;
}
