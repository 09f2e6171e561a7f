import { SluiceError } from "../error.ts";
import type { ReadableSecret } from "../readable-secret.ts";
import { secretForms } from "../registry/auth/credentials.ts";
import type { Remote } from "./remote.ts";

/** What the operator gives to sign in to a git server. */
export interface GitAuth {
  /** User that the token belongs to. Default: the URL's, else `x-access-token`. */
  username?: string | undefined;
  /** Password or token, for http and https. */
  token?: ReadableSecret | undefined;
  /** Private key, for ssh. */
  sshKey?: ReadableSecret | undefined;
  /** Lines of a known_hosts file, for ssh. No secret. */
  knownHosts?: string | undefined;
}

/** How to sign in, read. Git gets the token by its environment, ssh its key as a file of mode 0600. */
export interface SignIn {
  username: string;
  token?: string;
  /** Private key, with the newline at its end that ssh insists on. */
  sshKey?: string;
  knownHosts?: string;
}

/** Git hosts look at the token; this name suits GitHub's, GitLab's and Gitea's. */
const DEFAULT_USERNAME = "x-access-token";

/** Reads what this remote is signed in to with. Throws `GIT_AUTH_INVALID`. */
export async function readSignIn(remote: Remote, auth: GitAuth): Promise<SignIn> {
  const username = auth.username ?? remote.username ?? DEFAULT_USERNAME;
  if (remote.transport === "http") {
    const token = auth.token ? await textOf("token", auth.token) : remote.password;
    return { username, token };
  }
  if (remote.transport === "file") return { username };
  const sshKey = auth.sshKey && `${await textOf("ssh key", auth.sshKey)}\n`;
  const knownHosts = auth.knownHosts?.trim() ? `${auth.knownHosts.trim()}\n` : undefined;
  return { username, sshKey, knownHosts };
}

async function textOf(what: string, secret: ReadableSecret): Promise<string> {
  // Files that hold a token often end with a newline.
  const text = (await secret.plaintext()).replaceAll("\r\n", "\n").trim();
  if (text !== "") return text;
  throw new SluiceError("GIT_AUTH_INVALID", `the ${what} for the git remote is empty`, {
    hint: "look at the variable or file that it is read from",
  });
}

/** Takes what signs in out of a text, and what URLs carry. */
export function scrubber(signIn: SignIn | undefined): (text: string) => string {
  const { username = "", token, sshKey } = signIn ?? {};
  const secrets = [
    ...(token === undefined ? [] : secretForms({ username, password: token })),
    ...(sshKey === undefined ? [] : [sshKey.trim(), ...keyLines(sshKey)]),
  ];
  return (text) =>
    secrets
      .reduce((clean, secret) => clean.replaceAll(secret, "***"), text)
      .replaceAll(/(\w:\/\/)[^/@\s]*:[^/@\s]*@/g, "$1***@");
}

function keyLines(key: string): string[] {
  return key.split("\n").filter((line) => line.length > 16 && !line.startsWith("-----"));
}
