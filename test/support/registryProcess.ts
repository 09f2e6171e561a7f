import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { debianRegistry } from "./registryTools.ts";

/** A registry, as a process on loopback. */
export interface RunningRegistry {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** `127.0.0.1:<port>` */
  host: string;
  stop(): Promise<void>;
}

/** A registry of the distribution project. */
export interface RegistryProcess extends RunningRegistry {
  /** Takes a tag away, as only its operator can: this registry has no request for it. */
  removeTag(repository: string, tag: string): Promise<void>;
}

/** Settings of a registry under test. */
export interface RegistryProcessOptions {
  /** A program of the distribution project; default: Debian's `docker-registry` (2.8). */
  program?: string;
  /** Asks for user `sluice` with the password `open-sesame`. */
  signIn?: boolean;
  /** How to sign in otherwise: the `auth` section of its configuration. */
  auth?: object;
  /** Where it listens otherwise: the `http` section of its configuration. */
  http?: object;
}

// bcrypt of open-sesame
const HTPASSWD = "sluice:$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO\n";

/** Starts an empty registry on a port of its own. Its storage goes with it. */
export async function startRegistry({
  program,
  signIn = false,
  auth,
  http = { addr: "127.0.0.1:0" },
}: RegistryProcessOptions = {}): Promise<RegistryProcess> {
  const binary = program ?? (await debianRegistry());
  const home = await mkdtemp(join(tmpdir(), "sluice-registry-"));
  await writeFile(join(home, "htpasswd"), HTPASSWD);
  const config = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: join(home, "data") }, delete: { enabled: true } },
    http,
    // Layers that are kept elsewhere may be named.
    validation: { manifests: { urls: { allow: ["^https://example\\.com/"] } } },
    ...(signIn ? { auth: { htpasswd: { realm: "test", path: join(home, "htpasswd") } } } : {}),
    ...(auth ? { auth } : {}),
  };
  const file = join(home, "config.yml");
  // JSON is YAML, too.
  await writeFile(file, JSON.stringify(config));
  const cleanUp = () => rm(home, { recursive: true, force: true });
  const running = await listening(binary, ["serve", file], cleanUp);
  const removeTag = async (repository: string, tag: string): Promise<void> => {
    const repositories = join(home, "data/docker/registry/v2/repositories");
    await rm(join(repositories, repository, "_manifests/tags", tag), { recursive: true });
  };
  return { ...running, removeTag };
}

/** Starts an empty registry that has the referrers API, and is not of the distribution project. */
export function startReferrersRegistry(program: string): Promise<RunningRegistry> {
  return listening(program, [], () => Promise.resolve());
}

/** Runs a program that says where it listens. */
async function listening(
  file: string,
  args: string[],
  cleanUp: () => Promise<void>,
): Promise<RunningRegistry> {
  const child = spawn(file, args, { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
    await cleanUp();
  };
  const host = await new Promise<string>((resolve, reject) => {
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on("line", (line) => {
      lines.push(line);
      const [, address] = /listening on ([\d.]+:\d+)/.exec(line) ?? [];
      if (address !== undefined) resolve(address);
    });
    child.once("error", reject);
    void exited.then(() => reject(new Error(`the registry ended:\n${lines.join("\n")}`)));
  });
  return { host, origin: `http://${host}`, stop };
}

export { seedImage } from "./registryContent.ts";
