import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { SluiceError } from "../../core/error.ts";

export interface GitAccess {
  /** Header such as `Authorization: Basic …`; reaches git through its environment, never its argv. */
  httpHeader?: string;
  sshAuthSocket?: string;
  sshKnownHostsFile?: string;
}

/** Runs git with the user's configuration out of the way, so the result is the same everywhere. */
export function git(
  args: string[],
  options: { cwd?: string; access?: GitAccess; signal?: AbortSignal } = {},
): Promise<string> {
  const { access = {}, cwd, signal } = options;
  const config: [string, string][] = [
    ["safe.directory", "*"],
    ["protocol.ext.allow", "never"],
    ["advice.detachedHead", "false"],
  ];
  if (access.httpHeader) config.push(["http.extraHeader", access.httpHeader]);
  const ssh = access.sshKnownHostsFile
    ? `ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${access.sshKnownHostsFile}`
    : "ssh -o BatchMode=yes";
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    GIT_TERMINAL_PROMPT: "0",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_SSH_COMMAND: ssh,
    GIT_CONFIG_COUNT: String(config.length),
    LC_ALL: "C",
  };
  delete env.GIT_DIR;
  delete env.GIT_WORK_TREE;
  if (access.sshAuthSocket) env.SSH_AUTH_SOCK = access.sshAuthSocket;
  config.forEach(([name, value], index) => {
    env[`GIT_CONFIG_KEY_${index}`] = name;
    env[`GIT_CONFIG_VALUE_${index}`] = value;
  });
  return new Promise((resolve, reject) => {
    const child = spawn("git", args, { cwd, env, signal, stdio: ["ignore", "pipe", "pipe"] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => out.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.once("error", (cause: NodeJS.ErrnoException) => {
      const missing = cause.code === "ENOENT" && (cwd === undefined || existsSync(cwd));
      reject(
        new SluiceError(
          missing ? "GIT_MISSING" : "GIT_FAILED",
          missing ? "git is not installed" : cause.message,
          { cause, hint: missing ? "Install git." : undefined },
        ),
      );
    });
    child.once("close", (code) => {
      if (code === 0) return resolve(Buffer.concat(out).toString("utf8"));
      const said = Buffer.concat(err).toString("utf8").trim();
      const reason = explain(said);
      reject(
        new SluiceError(
          "GIT_FAILED",
          `git ${args[0] ?? ""}: ${reason || `exit code ${code ?? "unknown"}`}`,
        ),
      );
    });
  });
}

/** Git's own words, with the two failures that people meet most named for what they are. */
function explain(said: string): string {
  if (/does not appear to be a git repository/.test(said)) return "not a git repository";
  if (/could not read (Username|Password)|terminal prompts disabled/.test(said)) {
    return `authentication required: ${said}`;
  }
  return said;
}
