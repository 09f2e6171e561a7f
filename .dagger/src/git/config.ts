import type { Remote } from "./remote.ts";

/** Where the files lie that git signs in with. */
export interface SignInFiles {
  sshKey?: string;
  knownHosts?: string;
}

/**
 * All of git's configuration: nothing of the machine's or of the source's own applies, so it is
 * the same everywhere, and the source can't have programs run.
 */
export function gitConfig(remote: Remote | undefined, files: SignInFiles): string {
  const sections: [string, Record<string, string>][] = [
    // The source may belong to another user; it is only read.
    ["safe", { directory: "*" }],
    ["user", { name: "Sluice", email: "sluice@localhost" }],
    ["core", { sshCommand: sshCommand(files) }],
    ["gc", { auto: "0" }],
    ["maintenance", { auto: "false" }],
    // A server that says nothing for this long is taken for gone.
    ["http", { lowSpeedLimit: "1", lowSpeedTime: "20" }],
    ["protocol", { allow: "never" }],
    ...["http", "https", "ssh", "file"].map((name): [string, Record<string, string>] => [
      `protocol "${name}"`,
      { allow: "always" },
    ]),
    ["color", { ui: "false" }],
    ["advice", { pushUpdateRejected: "false" }],
  ];
  // For this server only: a redirect to another one doesn't get the token.
  if (remote?.origin !== undefined) {
    sections.push([`credential "${remote.origin}"`, { helper: CREDENTIAL_HELPER }]);
  }
  return sections
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `\t${key} = ${quoted(value)}\n`);
      return `[${name}]\n${lines.join("")}`;
    })
    .join("");
}

/** Host keys are never taken on trust. */
function sshCommand({ sshKey, knownHosts }: SignInFiles): string {
  return [
    "ssh -F /dev/null",
    "-o BatchMode=yes",
    "-o StrictHostKeyChecking=yes",
    `-o ${argument("UserKnownHostsFile", knownHosts ?? "/dev/null")}`,
    "-o GlobalKnownHostsFile=/dev/null",
    "-o IdentitiesOnly=yes",
    `-o ${argument("IdentityFile", sshKey ?? "none")}`,
    "-o ConnectTimeout=10",
    "-o ServerAliveInterval=5",
    "-o ServerAliveCountMax=3",
  ].join(" ");
}

/** For ssh, which splits at spaces, inside of a shell's command line. */
function argument(name: string, path: string): string {
  return `'${name}="${path.replaceAll("'", `'\\''`)}"'`;
}

function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** What git and ssh find in their environment. */
export function gitEnvironment(home: string, config: string): Record<string, string> {
  return {
    HOME: home,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: config,
    GIT_TERMINAL_PROMPT: "0",
    // A path is a path, whatever is in it.
    GIT_LITERAL_PATHSPECS: "1",
    // Its messages are read.
    LC_ALL: "C",
    GIT_ADVICE: "0",
  };
}

/** Names of the variables that the user and the token for HTTP are in. */
export const USERNAME_VARIABLE = "SLUICE_GIT_USERNAME";
export const TOKEN_VARIABLE = "SLUICE_GIT_TOKEN";

/** Answers git's question for user and password; says nothing without a token. */
const CREDENTIAL_HELPER = [
  "!f() {",
  `[ "$1" = get ] && [ -n "$${TOKEN_VARIABLE}" ] || return 0;`,
  `printf 'username=%s\\npassword=%s\\n' "$${USERNAME_VARIABLE}" "$${TOKEN_VARIABLE}";`,
  "}; f",
].join(" ");
