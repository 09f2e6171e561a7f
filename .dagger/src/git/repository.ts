import { stat } from "node:fs/promises";
import type { Directory } from "@dagger.io/dagger";
import { SluiceError } from "../error.ts";
import { type GitAuth, readSignIn, type SignIn } from "./auth.ts";
import { DaggerGit } from "./dagger-git.ts";
import { hostKeyUnknown } from "./failure.ts";
import { GitHistory } from "./git-history.ts";
import type { Git } from "./git.ts";
import { LocalGit } from "./local-git.ts";
import { RemoteRefs } from "./refs.ts";
import { parseRemote, type Remote } from "./remote.ts";
import { historyOf, originUrl, repositoryOf } from "./source.ts";
import { temporaryFolder } from "./temporary.ts";

/** What is to be opened. */
export interface RepositoryOptions {
  source: Directory;
  /** URL of the remote. Default: the source's `origin`. */
  remote?: string | undefined;
  auth?: GitAuth;
}

/** A source's repository together with its remote. */
export interface Repository {
  history: GitHistory;
  /** Undefined without a remote. */
  refs: RemoteRefs | undefined;
  /** Removes what is left of it on this machine. */
  close(): Promise<void>;
}

/**
 * Opens a source's repository and its remote. Nothing is asked of the remote yet. Undefined when the
 * source has no repository and no remote is named.
 *
 * @throws SluiceError `GIT_REMOTE_INVALID`, `GIT_REMOTE_UNREACHABLE` for a path that is not here,
 *   `GIT_HOST_KEY_UNKNOWN` for ssh without known hosts, `GIT_WORKTREE` for a source whose repository
 *   is elsewhere, `GIT_AUTH_INVALID`, `GIT_UNAVAILABLE`
 */
export async function openRepository(options: RepositoryOptions): Promise<Repository | undefined> {
  const { source, auth = {} } = options;
  const found = await repositoryOf(source, options.remote !== undefined);
  const url = options.remote ?? (found && originUrl(found.config));
  if (found === undefined && url === undefined) return undefined;
  const remote = url === undefined ? undefined : parseRemote(url);
  const signIn = remote && (await readSignIn(remote, auth));
  if (remote?.transport === "ssh" && signIn?.knownHosts === undefined) throw hostKeyUnknown(remote);
  return (await belongsHere(remote))
    ? openHere(remote, found?.history, signIn)
    : openOnEngine(remote, found?.history, signIn);
}

/** Opens a repository (a `.git`) by itself, without any remote. */
export async function openHistory(repository: Directory): Promise<Repository> {
  const history = historyOf(repository);
  return (await belongsHere(undefined))
    ? openHere(undefined, history, undefined)
    : openOnEngine(undefined, history, undefined);
}

/**
 * Whether git is run where the module runs: if it is there, a command takes milliseconds, and what
 * the module reaches by its registries' names, git reaches, too. A container of the engine can't
 * reach a folder of this machine in any case.
 */
function belongsHere(remote: Remote | undefined): Promise<boolean> | true {
  return remote?.transport === "file" || LocalGit.canReach(remote);
}

async function openHere(
  remote: Remote | undefined,
  found: Directory | undefined,
  signIn: SignIn | undefined,
): Promise<Repository> {
  if (remote?.transport === "file") await assertHere(remote);
  const folder = await temporaryFolder();
  try {
    if (found !== undefined) await found.export(folder.path);
    const source = found === undefined ? undefined : folder.path;
    const git = await LocalGit.open({ remote, source, signIn });
    const close = async (): Promise<void> => {
      await Promise.all([git.close(), folder.remove()]);
    };
    return opened(git, remote, source, close);
  } catch (error) {
    await folder.remove();
    throw error;
  }
}

function openOnEngine(
  remote: Remote | undefined,
  found: Directory | undefined,
  signIn: SignIn | undefined,
): Repository {
  const git = DaggerGit.open({ remote, source: found, signIn });
  return opened(git, remote, found && DaggerGit.source, async () => undefined);
}

function opened(
  git: Git,
  remote: Remote | undefined,
  source: string | undefined,
  close: () => Promise<void>,
): Repository {
  const own = source === undefined ? undefined : parseRemote(source);
  const history = new GitHistory({ git, remote, source: own });
  const refs = remote && new RemoteRefs({ git, remote, history });
  return { history, refs, close };
}

async function assertHere(remote: Remote): Promise<void> {
  const { path = "" } = remote;
  if (
    await stat(path).then(
      () => true,
      () => false,
    )
  )
    return;
  throw new SluiceError(
    "GIT_REMOTE_UNREACHABLE",
    `${path}: there is no such repository where the module runs`,
    {
      hint: "a Dagger engine doesn't see the folders of your machine: name a remote over https or ssh (git.remote), or use --engine embedded",
    },
  );
}
