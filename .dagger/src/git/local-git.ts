import { spawn } from "node:child_process";
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../error.ts";
import { type SignIn, scrubber } from "./auth.ts";
import {
  gitConfig,
  gitEnvironment,
  type SignInFiles,
  TOKEN_VARIABLE,
  USERNAME_VARIABLE,
} from "./config.ts";
import {
  deadlineMs,
  type Git,
  type GitResult,
  type GitRunOptions,
  Queue,
  TIMED_OUT,
} from "./git.ts";
import type { Remote } from "./remote.ts";
import { type TemporaryFolder, temporaryFolder } from "./temporary.ts";

/** What git takes over from the machine: how to reach the world. */
const INHERITED = [
  ...["PATH", "http_proxy", "https_proxy", "no_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"],
  ...["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO"],
];

/** Settings of git on this machine. */
export interface LocalGitOptions {
  remote?: Remote | undefined;
  /** Folder of the source's repository (its `.git`). Default: none, so that all is fetched. */
  source?: string | undefined;
  signIn?: SignIn;
  /** Milliseconds that each command may take. Default: as long as it deserves. */
  deadlineMs?: number;
}

/**
 * The git program of the machine that this module runs on. It reaches what a container of the
 * engine can't: repositories in a folder of that machine.
 */
export class LocalGit implements Git {
  readonly #queue = new Queue();
  readonly #env: NodeJS.ProcessEnv;
  readonly #scrub: (text: string) => string;
  private readonly home: string;

  private constructor(
    private readonly folder: TemporaryFolder,
    private readonly options: LocalGitOptions,
  ) {
    const home = folder.path;
    this.home = home;
    this.#scrub = scrubber(options.signIn);
    this.#env = {
      ...Object.fromEntries(INHERITED.map((name) => [name, process.env[name]])),
      [USERNAME_VARIABLE]: options.signIn?.username,
      [TOKEN_VARIABLE]: options.signIn?.token,
      ...gitEnvironment(home, join(home, "config")),
      GIT_DIR: join(home, "repository"),
    };
  }

  /** Whether there are the programs to run that a remote needs. */
  static async canReach(remote: Remote | undefined): Promise<boolean> {
    if (!(await isThere("git", "--version"))) return false;
    return remote?.transport !== "ssh" || isThere("ssh", "-V");
  }

  /** Makes the scratch repository. Throws `GIT_UNAVAILABLE` where there is no git. */
  static async open(options: LocalGitOptions): Promise<LocalGit> {
    const git = new LocalGit(await temporaryFolder(), options);
    try {
      await git.#prepare();
      return git;
    } catch (error) {
      await git.close();
      throw error;
    }
  }

  run(args: readonly string[], { input = "" }: GitRunOptions = {}): Promise<GitResult> {
    return this.#queue.run(() => this.#run(args, input));
  }

  /** Removes the scratch repository. */
  close(): Promise<void> {
    return this.folder.remove();
  }

  async #prepare(): Promise<void> {
    const { remote, source, signIn } = this.options;
    const files = signIn === undefined ? {} : await this.#signInFiles(signIn);
    await writeFile(join(this.home, "config"), gitConfig(remote, files));
    const made = await this.run(["init", "--quiet", "--bare", "--template="]);
    if (made.code !== 0) throw unavailable(made.stderr);
    if (source === undefined) return;
    const repository = join(this.home, "repository");
    await mkdir(join(repository, "objects/info"), { recursive: true });
    await writeFile(join(repository, "objects/info/alternates"), `${join(source, "objects")}\n`);
    await copyFile(join(source, "shallow"), join(repository, "shallow")).catch(notThere);
  }

  /** Keys and known hosts have to be files. */
  async #signInFiles({ sshKey, knownHosts }: SignIn): Promise<SignInFiles> {
    const keep = async (name: string, text: string): Promise<string> => {
      const path = join(this.home, name);
      await writeFile(path, text, { mode: 0o600 });
      return path;
    };
    const files: SignInFiles = {};
    if (sshKey !== undefined) files.sshKey = await keep("key", sshKey);
    if (knownHosts !== undefined) files.knownHosts = await keep("known_hosts", knownHosts);
    return files;
  }

  #run(args: readonly string[], input: string): Promise<GitResult> {
    const limit = this.options.deadlineMs ?? deadlineMs(args);
    return new Promise((resolve, reject) => {
      // A process group of its own, so that its ssh or http helper ends along with it.
      const child = spawn("git", args, { env: this.#env, cwd: this.home, detached: true });
      const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        endGroup(child.pid);
      }, limit);
      child.stdout.on("data", (chunk: Buffer) => stdout.push(chunk));
      child.stderr.on("data", (chunk: Buffer) => stderr.push(chunk));
      child.stdin.on("error", () => undefined);
      child.stdin.end(input);
      child.once("error", (error) => {
        clearTimeout(timer);
        reject(unavailable(error.message, error));
      });
      child.once("close", (code) => {
        clearTimeout(timer);
        resolve({
          code: late ? TIMED_OUT : (code ?? 1),
          stdout: Buffer.concat(stdout).toString(),
          stderr: this.#scrub(Buffer.concat(stderr).toString()),
        });
      });
    });
  }
}

function isThere(program: string, flag: string): Promise<boolean> {
  const child = spawn(program, [flag], { stdio: "ignore" });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (code) => resolve(code === 0));
  });
}

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // It has just ended by itself.
  }
}

function unavailable(why: string, cause?: unknown): SluiceError {
  return new SluiceError(
    "GIT_UNAVAILABLE",
    `git can't be run where the module runs: ${why.trim()}`,
    { cause, hint: "install git, or name a remote over https or ssh: git.remote" },
  );
}

function notThere(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
