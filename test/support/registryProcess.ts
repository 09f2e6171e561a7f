import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
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
  return { host, origin: `http://${host}`, stop };
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

/** An image in the registry, of one layer with `content`. */
export interface SeededImage {
  digest: string;
  mediaType: string;
  bytes: Buffer;
}

/** Pushes a small image to `repository`, under `tag` too if one is given. */
export async function seedImage(
  origin: string,
  repository: string,
  content: string,
  tag?: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SeededImage> {
  const layer = Buffer.from(content);
  const config = Buffer.from(
    JSON.stringify({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diff_ids: [] },
    }),
  );
  for (const blob of [layer, config]) {
    const started = await fetch(`${origin}/v2/${repository}/blobs/uploads/`, {
      method: "POST",
      headers,
    });
    const url = new URL(started.headers.get("location") ?? "", origin);
    url.searchParams.set("digest", sha256(blob));
    const put = await fetch(new URL(url.pathname + url.search, origin), {
      method: "PUT",
      headers: { ...headers, "content-type": "application/octet-stream" },
      body: blob,
    });
    if (put.status !== 201) throw new Error(`PUT blob: HTTP ${put.status} ${await put.text()}`);
  }
  const mediaType = "application/vnd.oci.image.manifest.v1+json";
  // Odd spacing: whoever parses and writes it again changes its digest.
  const bytes = Buffer.from(
    `{ "schemaVersion": 2,\n\t"mediaType": "${mediaType}",` +
      `"config": ${describe("application/vnd.oci.image.config.v1+json", config)},` +
      `"layers": [${describe("application/vnd.oci.image.layer.v1.tar", layer)}] }`,
  );
  const digest = sha256(bytes);
  for (const reference of tag === undefined ? [digest] : [digest, tag]) {
    const put = await fetch(`${origin}/v2/${repository}/manifests/${reference}`, {
      method: "PUT",
      headers: { ...headers, "content-type": mediaType },
      body: bytes,
    });
    if (put.status !== 201) throw new Error(`PUT manifest: HTTP ${put.status} ${await put.text()}`);
  }
  return { digest, mediaType, bytes };
}

function describe(mediaType: string, blob: Buffer): string {
  return JSON.stringify({ mediaType, digest: sha256(blob), size: blob.length });
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
