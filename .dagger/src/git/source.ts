import { dag, type Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";

/**
 * What of a `.git` is needed to read its history. Not its configuration, which may carry
 * credentials and name programs to run.
 */
const HISTORY = ["HEAD", "objects/**", "refs/**", "packed-refs", "shallow"];

/** A source's repository. */
export interface SourceRepository {
  /** Its history alone. */
  history: Directory;
  /** Text of its configuration. */
  config: string;
}

/**
 * The repository that a source brings along; undefined when it has none.
 *
 * @param optional true where one that can't be read is as good as none
 * @throws SluiceError `GIT_WORKTREE`
 */
export async function repositoryOf(
  source: Directory,
  optional: boolean,
): Promise<SourceRepository | undefined> {
  if (!(await source.entries()).some((name) => name.replace(/\/$/, "") === ".git")) {
    return undefined;
  }
  const repository = source.directory(".git");
  const entries = await repository.entries().catch(() => undefined);
  if (entries === undefined) {
    if (optional) return undefined;
    throw new SluiceError(
      "GIT_WORKTREE",
      "the source's .git is a file: its repository is elsewhere (a linked work tree or a submodule)",
      {
        hint: "name the repository in the pipeline file (git.remote), or give a clone of its own as --source",
      },
    );
  }
  if (!entries.some((name) => name.replace(/\/$/, "") === "objects")) return undefined;
  return {
    history: historyOf(repository),
    config: entries.includes("config") ? await repository.file("config").contents() : "",
  };
}

/** What of a `.git` is its history. */
export function historyOf(repository: Directory): Directory {
  return dag.directory().withDirectory("/", repository, {
    include: HISTORY,
    exclude: ["objects/info/alternates"],
  });
}

/** URL of `origin` in a repository's configuration; undefined when there is none. */
export function originUrl(config: string): string | undefined {
  let inOrigin = false;
  let found: string | undefined;
  for (const line of config.split("\n")) {
    if (/^\s*\[/.test(line)) inOrigin = /^\s*\[remote "origin"\]/.test(line);
    const [, url] = /^\s*url\s*=\s*"?(.*?)"?\s*$/.exec(line) ?? [];
    if (inOrigin && url !== undefined && url !== "") found ??= url;
  }
  return found;
}
