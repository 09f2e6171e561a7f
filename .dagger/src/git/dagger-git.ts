import { randomUUID } from "node:crypto";
import { type Container, dag, type Directory, ReturnType } from "@dagger.io/dagger";
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
import { withSecretFile, withSecretVariable } from "../secret.ts";

/** Git and an ssh client. */
export const GIT_IMAGE = "alpine/git:v2.47.2";

// Not under /git: the image declares that a volume, of which nothing would stay.
const HOME = "/sluice";
const REPOSITORY = `${HOME}/repository`;
const SOURCE = `${HOME}/source`;

/**
 * Runs git with a deadline. An engine takes exit codes from 128 to 191 for a container that was
 * killed, and git fails with 128: these are moved out of the way.
 */
const RUNNER = [
  "#!/bin/sh",
  'timeout -k 5 "$DEADLINE" git "$@"',
  "code=$?",
  "[ $code -lt 128 ] || code=$((code + 64))",
  "[ $code -le 255 ] || code=255",
  "exit $code",
  "",
].join("\n");

/** Makes the scratch repository on top of the source's. */
const PREPARE = [
  "git init --quiet --bare --template=",
  `[ -d ${SOURCE} ] || exit 0`,
  `mkdir -p ${REPOSITORY}/objects/info`,
  `echo ${SOURCE}/objects > ${REPOSITORY}/objects/info/alternates`,
  `[ ! -f ${SOURCE}/shallow ] || cp ${SOURCE}/shallow ${REPOSITORY}`,
].join("\n");

/** Commands that write objects or refs into the scratch repository, which later ones need. */
const WRITING = new Set(["fetch", "hash-object"]);

/** Settings of git on a Dagger engine. */
export interface DaggerGitOptions {
  remote?: Remote | undefined;
  /** The source's repository (its `.git`). Default: none, so that all is fetched. */
  source?: Directory | undefined;
  signIn?: SignIn;
  /** Has git, ssh and a shell. Default: `alpine/git`. */
  container?: Container;
}

/** Git in a container of the Dagger session. */
export class DaggerGit implements Git {
  readonly #queue = new Queue();
  readonly #scrub: (text: string) => string;
  #container: Container;

  private constructor(container: Container, signIn: SignIn | undefined) {
    this.#container = container;
    this.#scrub = scrubber(signIn);
  }

  /** Where `open` puts the source's repository. */
  static readonly source = SOURCE;

  /** Makes the scratch repository, when the first command runs. */
  static open({ remote, source, signIn, container }: DaggerGitOptions): DaggerGit {
    const image = container ?? dag.container().from(GIT_IMAGE);
    // First of all, so that the same history is copied once, whoever signs in.
    const copied = source === undefined ? image : image.withDirectory(SOURCE, source);
    const [signedIn, files] = withSignIn(copied, signIn);
    const configured = Object.entries(gitEnvironment(HOME, `${HOME}/config`)).reduce(
      (self, [name, value]) => self.withEnvVariable(name, value),
      signedIn
        .withNewFile(`${HOME}/config`, gitConfig(remote, files))
        .withNewFile(`${HOME}/run`, RUNNER, { permissions: 0o755 })
        .withWorkdir(HOME)
        .withEnvVariable("GIT_DIR", REPOSITORY),
    );
    return new DaggerGit(configured.withExec(["sh", "-ec", PREPARE]), signIn);
  }

  run(args: readonly string[], { input = "" }: GitRunOptions = {}): Promise<GitResult> {
    return this.#queue.run(() => this.#run(args, input));
  }

  async #run(args: readonly string[], input: string): Promise<GitResult> {
    const ran = this.#container
      .withEnvVariable("DEADLINE", String(deadlineMs(args) / 1000))
      // Equal commands would be answered from the engine's cache.
      .withEnvVariable("RUN", randomUUID())
      .withExec([`${HOME}/run`, ...args], { stdin: input, expect: ReturnType.Any });
    const [code, stdout, stderr] = await Promise.all([ran.exitCode(), ran.stdout(), ran.stderr()]);
    // A container per command would be a layer per command.
    if (WRITING.has(args[0] ?? "")) this.#container = ran;
    return { code: codeOf(code), stdout, stderr: this.#scrub(stderr) };
  }
}

function codeOf(code: number): number {
  const git = code >= 192 ? code - 64 : code;
  // Busybox's timeout leaves the code of a process that was ended; Debian's has its own.
  return git === 143 || git === 137 ? TIMED_OUT : git;
}

/** Hands over what git signs in with: no layer and no command line has it. */
function withSignIn(container: Container, signIn: SignIn | undefined): [Container, SignInFiles] {
  const files: SignInFiles = {};
  if (signIn === undefined) return [container, files];
  const { username, token, sshKey, knownHosts } = signIn;
  let self = container;
  if (token !== undefined) {
    self = self.withEnvVariable(USERNAME_VARIABLE, username);
    self = withSecretVariable(self, TOKEN_VARIABLE, token);
  }
  if (sshKey !== undefined) {
    files.sshKey = "/run/secrets/sluice-git-key";
    self = withSecretFile(self, files.sshKey, sshKey);
  }
  if (knownHosts !== undefined) {
    files.knownHosts = `${HOME}/known_hosts`;
    self = self.withNewFile(files.knownHosts, knownHosts);
  }
  return [self, files];
}
