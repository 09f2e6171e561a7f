import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";
import { ContentStore } from "../../dagger/content/store.ts";
import { type Entry, Tree } from "../../dagger/content/tree.ts";
import { type ConnectOptions, connectRuntime } from "../../dagger/docker/connect.ts";
import type { ProcessSpec, Runtime } from "../../dagger/docker/types.ts";
import { standIn } from "../../dagger/standins/stand-in.ts";
import { busybox } from "../support/dockerStage.ts";
import { debianRegistry } from "../support/registryTools.ts";
import { scratch } from "../support/scratch.ts";

export const run = promisify(execFile);

export interface Fixture {
  runtime: Runtime;
  store: ContentStore;
  sessionId: string;
  stateDir: string;
  /** Lines of progress. */
  told: string[];
  /** Docker image id of the base image. */
  base: string;
  /** A process on the base image; the rest has ordinary values. */
  process: (args: string[], more?: Partial<ProcessSpec>) => ProcessSpec;
  text: (blob: { digest: string }) => Promise<string>;
  tree: (files: Record<string, string | Partial<Entry>>) => Promise<Tree>;
}

let count = 0;

/** A session on the running daemon, with a store of its own; closed when the test ends. */
export async function connected(options: Partial<ConnectOptions> = {}): Promise<Fixture> {
  const folder = await scratch();
  const store = await ContentStore.open(join(folder, "blobs"));
  const sessionId = options.sessionId ?? `test${process.pid}x${count++}`;
  const told: string[] = [];
  const runtime = await connectRuntime({
    store,
    stateDir: folder,
    sessionId,
    progress: (line) => told.push(line),
    toolbox: () => busybox().then((path) => readFile(path)),
    standIn: (ref, platform, daemon) => standIn(ref, platform, { daemon, stateDir: folder }),
    ...options,
  });
  onTestFinished(() => runtime.close());
  const { id: base } = await runtime.pull("debian:bookworm-slim", {
    platform: runtime.platform,
    credentials: new Map(),
  });
  return {
    runtime,
    store,
    sessionId,
    stateDir: folder,
    told,
    base,
    process: (args, more = {}) => ({
      key: "test",
      image: base,
      platform: runtime.platform,
      args,
      env: ["PATH=/usr/bin:/bin"],
      secretEnv: [],
      user: "",
      workdir: "",
      mounts: [],
      hosts: [],
      privileged: false,
      init: true,
      ...more,
    }),
    text: async ({ digest }) => (await store.bytes(digest)).toString(),
    tree: (files) => treeOf(store, files),
  };
}

/** A tree of text files (owned by 5:6, of 1970) and of entries given in part. */
async function treeOf(
  store: ContentStore,
  files: Record<string, string | Partial<Entry>>,
): Promise<Tree> {
  const metadata = { mode: 0o640, uid: 5, gid: 6, mtime: 1_000_000 };
  const entries: [string, Entry][] = [];
  for (const [path, file] of Object.entries(files)) {
    const entry =
      typeof file === "string"
        ? { kind: "file", blob: await store.putBytes(Buffer.from(file)) }
        : file;
    entries.push([path, { ...metadata, ...entry } as Entry]);
  }
  return Tree.of(entries);
}

/** What the docker client prints. */
export async function docker(...args: string[]): Promise<string> {
  return (await run("docker", args)).stdout.trim();
}

/** A registry on a free port of this machine, for one test; answers its `localhost:<port>` address. */
export async function localRegistry(): Promise<{
  address: string;
  requests: () => Promise<number>;
}> {
  const binary = await debianRegistry();
  const folder = await scratch();
  const port = await freePort();
  const config = join(folder, "config.yml");
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(folder, "data") }, delete: { enabled: true } },
      http: { addr: `127.0.0.1:${port}` },
    }),
  );
  const child = spawn(binary, ["serve", config], { stdio: ["ignore", "pipe", "pipe"] });
  let requests = 0;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    requests += text.split("\n").filter((line) => / "(?:GET|HEAD|PUT|POST) /.test(line)).length;
  });
  child.stderr.setEncoding("utf8");
  onTestFinished(() => void child.kill());
  await new Promise<void>((resolve, reject) => {
    child.stderr.on("data", (text: string) => {
      if (text.includes("listening on")) resolve();
    });
    child.on("error", reject);
    child.on("exit", () => reject(new Error("the registry did not start")));
  });
  return {
    address: `localhost:${port}`,
    // The registry logs a request after it answered.
    requests: () => new Promise((resolve) => setTimeout(() => resolve(requests), 100)),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}
