import { treeToHost } from "../../content/host.ts";
import { Tree } from "../../content/tree.ts";
import { git } from "./command.ts";
import { withFolder } from "./folder.ts";
import type { GitRepository } from "./repository.ts";

/**
 * The paths of a work tree that git says differ from the last commit, untracked ones included.
 * Asked in a repository of our own: the directory's configuration may name programs for git to run,
 * and nobody agreed to have them run on this host.
 */
export async function changedPaths(repository: GitRepository, files: Tree): Promise<string[]> {
  const { session, source } = repository;
  const { ref, commit } = await repository.ref("HEAD").resolve();
  return withFolder(async (folder) => {
    const access = await source.access();
    const run = (...args: string[]) => git(args, { cwd: folder, access, signal: session.signal });
    await run("init", "--quiet");
    const wanted = ref.startsWith("refs/") ? ref : commit;
    await run("fetch", "--quiet", "--no-tags", "--depth=1", "--", await source.url(), wanted);
    await run("update-ref", "--no-deref", "HEAD", commit);
    await run("read-tree", "HEAD");
    await treeToHost(session.store, files.without([".git"]), folder, {});
    const status = await run(
      "status",
      "--porcelain",
      "-z",
      "--untracked-files=all",
      "--no-renames",
    );
    const changed = status
      .split("\0")
      .map((line) => line.slice("XY ".length))
      .filter((path) => path !== "" && !path.endsWith("/"));
    if (changed.length === 0) return [];
    // Folders that git knows nothing of count as well, also empty ones.
    const unknown = (await run("-c", "core.quotePath=false", "clean", "--dry-run", "-d"))
      .split("\n")
      .flatMap((line) => /^Would remove (.+\/)$/.exec(line)?.[1] ?? []);
    const folders = [...files.entries].filter(
      ([path, { kind }]) =>
        kind === "directory" && unknown.some((folder) => `${path}/`.startsWith(folder)),
    );
    return [...changed, ...folders.map(([path]) => path)];
  });
}

/** `base` with the entries that `paths` have in `files`. */
export function withChanges(base: Tree, files: Tree, paths: readonly string[]): Tree {
  const entries = new Map(base.entries);
  for (const path of paths) {
    const entry = files.get(path);
    if (entry) entries.set(path, entry);
    else entries.delete(path);
  }
  for (const [path, entry] of base.entries) {
    if (entry.kind === "directory" && !files.get(path)) entries.delete(path);
  }
  return Tree.of(entries);
}
