import { execFile, spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { debianFiles, exists } from "./debian.ts";
import { scratch } from "./scratch.ts";

const run = promisify(execFile);

/** A real ssh server on this machine's loopback, which lets one key in. */
export interface SshServer {
  port: number;
  /** `ssh://<user>@127.0.0.1:<port>`, to be followed by a path. */
  url: string;
  user: string;
  /** Private key that it lets in, and one that it doesn't. */
  key: string;
  otherKey: string;
  /** The line for known_hosts, for the server under this name. */
  knownHosts(host?: string): string;
}

/**
 * Starts Debian's sshd until the test ends.
 *
 * @param env what the sessions' environment has besides
 */
export async function sshServer(env: Readonly<Record<string, string>> = {}): Promise<SshServer> {
  const sshd = await findSshd();
  const home = await scratch();
  for (const name of ["host", "user", "other"]) {
    await run("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", join(home, name)]);
  }
  const port = await freePort();
  const config = [
    `ListenAddress 127.0.0.1:${port}`,
    `HostKey ${join(home, "host")}`,
    `AuthorizedKeysFile ${join(home, "user.pub")}`,
    `PidFile none`,
    "StrictModes no",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    // sshd takes the first SetEnv only.
    ...(Object.keys(env).length === 0 ? [] : [`SetEnv ${variables(env)}`]),
    "",
  ];
  await writeFile(join(home, "config"), config.join("\n"));
  const user = userInfo().username;
  await start(sshd, home, port);
  const hostKey = (await readFile(join(home, "host.pub"), "utf8")).split(" ", 2).join(" ");
  return {
    port,
    url: `ssh://${user}@127.0.0.1:${port}`,
    user,
    key: await readFile(join(home, "user"), "utf8"),
    otherKey: await readFile(join(home, "other"), "utf8"),
    knownHosts: (host = `[127.0.0.1]:${port}`) => `${host} ${hostKey}\n`,
  };
}

function variables(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .map(([name, value]) => `"${name}=${value}"`)
    .join(" ");
}

async function start({ program, libraries }: Sshd, home: string, port: number): Promise<void> {
  const [command, args] = await inOwnSurroundings(
    program,
    ["-D", "-e", "-f", join(home, "config")],
    home,
  );
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  onTestFinished(async () => {
    child.kill();
    await exited;
  });
  await new Promise<void>((resolve, reject) => {
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      if (line.includes(`listening on 127.0.0.1 port ${port}`)) resolve();
    });
    child.once("error", reject);
    void exited.then(() => reject(new Error(`sshd ended:\n${lines.join("\n")}`)));
  });
}

/**
 * As root, sshd wants a user `sshd`, and that root has a password entry that isn't locked. Both are
 * given to it in a mount namespace of its own; the machine stays as it is.
 */
async function inOwnSurroundings(
  program: string,
  args: readonly string[],
  home: string,
): Promise<[string, string[]]> {
  if (process.getuid?.() !== 0) return [program, [...args]];
  const users = (await readFile("/etc/passwd", "utf8")).replaceAll(/^sshd:.*\n/gm, "");
  await writeFile(join(home, "passwd"), `${users}sshd:x:65533:65534::/run/sshd:/bin/false\n`);
  await writeFile(join(home, "shadow"), "root:*:19000:0:99999:7:::\nsshd:!:19000:0:99999:7:::\n");
  const script = [
    'mount --bind "$1/passwd" /etc/passwd',
    'mount --bind "$1/shadow" /etc/shadow',
    // /run is one of its own, with the machine's Docker.
    'mkdir "$1/run"',
    'mount --rbind /run "$1/run"',
    "mount -t tmpfs tmpfs /run",
    "mkdir /run/sshd",
    'if [ -S "$1/run/docker.sock" ]; then',
    "  touch /run/docker.sock",
    '  mount --bind "$1/run/docker.sock" /run/docker.sock',
    "fi",
    "shift",
    'exec "$@"',
  ].join("\n");
  return ["unshare", ["--mount", "--", "sh", "-ec", script, "sh", home, program, ...args]];
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

interface Sshd {
  program: string;
  /** Folders of libraries that come with it, where there are any. */
  libraries: string;
}

/** The server's program: the machine's, or out of Debian's packages, which are not installed. */
async function findSshd(): Promise<Sshd> {
  const installed = "/usr/sbin/sshd";
  if (await exists(installed)) return { program: installed, libraries: "" };
  const home = await debianFiles("openssh-server", "libwrap0");
  return {
    program: join(home, installed),
    libraries: ["x86_64", "aarch64"]
      .map((name) => join(home, `usr/lib/${name}-linux-gnu`))
      .join(":"),
  };
}
