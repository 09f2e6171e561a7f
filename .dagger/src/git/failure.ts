import { SluiceError } from "../error.ts";
import { type GitResult, TIMED_OUT } from "./git.ts";
import type { Remote } from "./remote.ts";

/** The line of git's complaint that says most. */
export function complaint({ code, stderr }: GitResult): string {
  if (code === TIMED_OUT) return "no answer in time";
  const lines = stderr
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const told =
    lines.find((line) => /^(?:fatal|error|ssh|remote: (?:error|fatal)):/i.test(line)) ?? lines[0];
  return told?.replace(/^(?:fatal|error): /, "") ?? `git exited with ${code}`;
}

const AUTHENTICATION =
  /Authentication failed|could not read (?:Username|Password)|Permission denied \(|terminal prompts disabled|returned error: 40[13]|invalid credentials/i;

/** Whether a complaint is about who is asking. */
export function isSignInFailure({ stderr }: GitResult): boolean {
  return AUTHENTICATION.test(stderr);
}

/**
 * Why a remote could not be asked: `GIT_AUTH_FAILED`, `GIT_HOST_KEY_UNKNOWN` or
 * `GIT_REMOTE_UNREACHABLE`.
 */
export function remoteFailure(remote: Remote, result: GitResult): SluiceError {
  const detail = detailOf(result);
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/.test(result.stderr)) {
    return hostKeyUnknown(remote, detail);
  }
  if (isSignInFailure(result)) {
    return new SluiceError(
      "GIT_AUTH_FAILED",
      `${remote.url} doesn't let us in: ${complaint(result)}`,
      { detail, hint: signInHint(remote) },
    );
  }
  return new SluiceError(
    "GIT_REMOTE_UNREACHABLE",
    `${remote.url} can't be reached: ${complaint(result)}`,
    { detail, hint: "check its address, the network, and that the repository exists" },
  );
}

/** The server's host key is not among those given. */
export function hostKeyUnknown(remote: Remote, detail?: string): SluiceError {
  const [, host = "", port] = /^\[?(.*?)\]?(?::(\d+))?$/.exec(remote.host ?? "") ?? [];
  const scan = `ssh-keyscan ${port === undefined ? "" : `-p ${port} `}${host} > known_hosts`;
  return new SluiceError(
    "GIT_HOST_KEY_UNKNOWN",
    `the host key of ${remote.host ?? remote.url} is not known, so it is not trusted`,
    {
      detail,
      hint: `run: ${scan}, compare it with the fingerprints that the host publishes, and give it with --git-known-hosts`,
    },
  );
}

function signInHint({ transport }: Remote): string {
  return transport === "ssh"
    ? "give a private key that may read and write it with --git-ssh-key"
    : "give a token that may read and write it with --git-token env:GIT_TOKEN";
}

function detailOf({ stderr }: GitResult): string | undefined {
  const text = stderr.trim();
  return text.includes("\n") ? text.slice(0, 2000) : undefined;
}
