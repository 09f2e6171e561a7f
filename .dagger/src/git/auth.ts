import { secretForms } from "../registry/auth/credentials.ts";

/** How to sign in to a git server. Only a container or a file of mode 0600 gets to see it. */
export interface SignIn {
  /** User that the token belongs to. */
  username: string;
  /** Password or token for HTTP. */
  token?: string;
  /** Private key for ssh. */
  sshKey?: string;
  /** Lines of a known_hosts file. No secret. */
  knownHosts?: string;
}

/** Git hosts look at the token; this name suits GitHub's, GitLab's and Gitea's. */
export const DEFAULT_USERNAME = "x-access-token";

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
