import { execFile, spawn } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A real registry, Debian's `docker-registry` (distribution 2.8), as a process on loopback. */
export interface RegistryProcess {
  /** `http://127.0.0.1:<port>` */
  origin: string;
  /** `127.0.0.1:<port>` */
  host: string;
  /** Takes a tag away, as only its operator can: this registry has no request for it. */
  removeTag(repository: string, tag: string): Promise<void>;
  stop(): Promise<void>;
}

/** Settings of a registry under test. */
export interface RegistryProcessOptions {
  /** Asks for user `sluice` with the password `open-sesame`. */
  signIn?: boolean;
}

// bcrypt of open-sesame
const HTPASSWD = "sluice:$2b$05$abcdefghijklmnopqrstuutXu9KzOt.1yBoZUeFWoT/914/JfszCO\n";

/** Starts an empty registry on a port of its own. Its storage goes with it. */
export async function startRegistry({
  signIn = false,
}: RegistryProcessOptions = {}): Promise<RegistryProcess> {
  const binary = await findRegistry();
  const home = await mkdtemp(join(tmpdir(), "sluice-registry-"));
  await writeFile(join(home, "htpasswd"), HTPASSWD);
  const config = {
    version: "0.1",
    storage: { filesystem: { rootdirectory: join(home, "data") }, delete: { enabled: true } },
    http: { addr: "127.0.0.1:0" },
    // Layers that are kept elsewhere may be named.
    validation: { manifests: { urls: { allow: ["^https://example\\.com/"] } } },
    ...(signIn ? { auth: { htpasswd: { realm: "test", path: join(home, "htpasswd") } } } : {}),
  };
  const file = join(home, "config.yml");
  // JSON is YAML, too.
  await writeFile(file, JSON.stringify(config));
  const child = spawn(binary, ["serve", file], { stdio: ["ignore", "ignore", "pipe"] });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async (): Promise<void> => {
    child.kill();
    await exited;
    await rm(home, { recursive: true, force: true });
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
  const removeTag = async (repository: string, tag: string): Promise<void> => {
    const repositories = join(home, "data/docker/registry/v2/repositories");
    await rm(join(repositories, repository, "_manifests/tags", tag), { recursive: true });
  };
  return { host, origin: `http://${host}`, removeTag, stop };
}

/** The registry's program: from the PATH, or out of Debian's package, which is not installed. */
async function findRegistry(): Promise<string> {
  const installed = await run("which", ["docker-registry"]).catch(() => undefined);
  if (installed) return installed.stdout.trim();
  const cache = join(tmpdir(), "sluice-test-tools");
  const binary = join(cache, "docker-registry");
  if (await exists(binary)) return binary;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, "package-"));
  try {
    await run("apt-get", ["download", "docker-registry"], { cwd: work });
    const [deb = ""] = (await readdir(work)).filter((name) => name.endsWith(".deb"));
    await run("dpkg-deb", ["-x", join(work, deb), work]);
    await run("mv", [join(work, "usr/bin/docker-registry"), binary]);
  } catch (error) {
    throw new Error("these tests need docker-registry: apt-get install docker-registry", {
      cause: error,
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export { seedImage } from "./registryContent.ts";
