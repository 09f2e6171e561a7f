import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { treeFromHost, treeToHost } from "../../content/host.ts";
import type { Tree } from "../../content/tree.ts";
import { SluiceError } from "../../core/error.ts";
import type { Session } from "../../core/session.ts";

const exec = promisify(execFile);
const environment = { ...process.env, GIT_CONFIG_NOSYSTEM: "1", GIT_CONFIG_GLOBAL: "/dev/null" };

/** Applies a unified diff as `git apply` does. */
export async function applyPatch(session: Session, tree: Tree, patch: string): Promise<Tree> {
  return withFolder(async (folder) => {
    const work = join(folder, "work");
    await treeToHost(session.store, tree, work, {});
    const file = join(folder, "change.patch");
    await writeFile(file, patch);
    // `git apply` outside a repository needs none; GIT_DIR keeps it from finding one above.
    await exec("git", ["apply", "--allow-empty", file], {
      cwd: work,
      env: { ...environment, GIT_CEILING_DIRECTORIES: folder },
    }).catch((error: unknown) => {
      const reason =
        error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
      throw new SluiceError("PATCH_FAILED", `failed to apply patch: ${reason.trim()}`, {
        cause: error,
      });
    });
    return treeFromHost(session.store, work, {});
  });
}

/** The difference as a git patch, with `a/` and `b/` prefixes. */
export function makePatch(session: Session, before: Tree, after: Tree): Promise<string> {
  return diff(session, before, after, ["--binary", "--no-color", "--no-prefix", "--no-renames"]);
}

/** Lines that a file gained and lost; none are counted in a binary file. */
export interface LineChanges {
  /** Path before; undefined for a new file. */
  from?: string;
  /** Path after; undefined for a removed file. */
  to?: string;
  added: number;
  removed: number;
}

/** Counts lines, and finds out which new file is a removed one under another name. */
export async function countLines(
  session: Session,
  before: Tree,
  after: Tree,
): Promise<LineChanges[]> {
  const output = await diff(session, before, after, ["--numstat", "-z", "--find-renames"]);
  const words = output.split("\0");
  const changes: LineChanges[] = [];
  // Each change is three words, as its two paths never are the same: counts, from, to.
  for (let at = 0; at + 2 < words.length; at += 3) {
    const [counts = "", from = "", to = ""] = words.slice(at, at + 3);
    const [added, removed] = counts.split("\t").map((count) => Number.parseInt(count, 10) || 0);
    changes.push({
      from: from.startsWith("a/") ? from.slice(2) : undefined,
      to: to.startsWith("b/") ? to.slice(2) : undefined,
      added: added ?? 0,
      removed: removed ?? 0,
    });
  }
  return changes;
}

async function diff(
  session: Session,
  before: Tree,
  after: Tree,
  options: readonly string[],
): Promise<string> {
  return withFolder(async (folder) => {
    for (const [name, tree] of [
      ["a", before],
      ["b", after],
    ] as const) {
      await mkdir(join(folder, name));
      await treeToHost(session.store, tree, join(folder, name), {});
    }
    const args = ["diff", "--no-index", ...options, "--", "a", "b"];
    try {
      return (await exec("git", args, { cwd: folder, env: environment, maxBuffer: 1 << 28 }))
        .stdout;
    } catch (error) {
      // Exit code 1 only says that there are differences.
      if (error instanceof Error && "code" in error && error.code === 1 && "stdout" in error)
        return String(error.stdout);
      throw error;
    }
  });
}

async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-patch-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
