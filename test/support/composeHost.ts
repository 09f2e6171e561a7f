import { randomBytes } from "node:crypto";
import { access, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { join, relative } from "node:path";
import type { Secret } from "@dagger.io/dagger";
import { onTestFinished } from "vitest";
import { composeHostDeployer } from "../../.dagger/src/deploy/compose-host/deployer.ts";
import type {
  DeployContext,
  DeployedImage,
  Deployer,
  DeploymentWanted,
} from "../../.dagger/src/deploy/deployer.ts";
import type { OpenProgram } from "../../.dagger/src/deploy/program.ts";
import { Settings } from "../../.dagger/src/deploy/settings.ts";
import type { ComposePlatform } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";
import { composeEnvironment } from "./composePlugin.ts";
import { docker } from "./dockerStage.ts";
import { sshServer, type SshServer } from "./gitSsh.ts";
import { localPrograms } from "./localProgram.ts";
import { scratch } from "./scratch.ts";

/** This machine as a host with Docker Compose: a real sshd, and its real Docker. */
export interface ComposeHost {
  ssh: SshServer;
  /** The target's directory. */
  directory: string;
  /** Folder for temporary files. */
  temporary: string;
  /** Name of the pipeline, which no other test has; its project is `<name>-live`. */
  name: string;
  /** Text of a file of the directory; undefined without one. */
  read(path: string): Promise<string | undefined>;
  write(path: string, text: string): Promise<void>;
  /** Waits until nothing is deployed any more. */
  ended(): Promise<void>;
  /** Ids of the processes that run a script of the module. */
  processes(script: string): Promise<number[]>;
  /** Waits until there is a file of the directory. */
  appears(path: string): Promise<void>;
  /** Paths of all files and links in the directory, sorted. */
  files(): Promise<string[]>;
  /** Ids of the running containers of a project. */
  containers(project?: string): Promise<string[]>;
  /** Environment of the container that runs a service. */
  environment(service: string, project?: string): Promise<string[]>;
}

/** @param directory default: a scratch folder */
export async function composeHost({
  directory,
  env = {},
}: { directory?: string; env?: Readonly<Record<string, string>> } = {}): Promise<ComposeHost> {
  const folder = directory ?? (await scratch());
  const temporary = await scratch();
  const ssh = await sshServer({ ...(await composeEnvironment()), TMPDIR: temporary, ...env });
  const name = `shop${randomBytes(4).toString("hex")}`;
  onTestFinished(() => removeAll(name));
  const read = (path: string) => readFile(join(folder, path), "utf8").catch(() => undefined);
  return {
    ...{ ssh, directory: folder, temporary, name, read },
    appears: async (path) => {
      while (
        !(await access(join(folder, path)).then(
          () => true,
          () => false,
        ))
      )
        await sleep(50);
    },
    write: (path, text) => writeFile(join(folder, path), text),
    ended: async () => {
      while ((await readdir(temporary)).length > 0) await sleep(50);
    },
    processes: (script) => processesOf(temporary, script),
    files: async () => {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
        .toSorted();
    },
    containers: (project = `${name}-live`) => containersOf(project),
    environment: async (service, project = `${name}-live`) => {
      const [id = ""] = await containersOf(project, service);
      return JSON.parse(
        await docker("inspect", "--format", "{{json .Config.Env}}", id),
      ) as string[];
    },
  };
}

/** Ids of the running containers of a project, or of one service of it. */
async function containersOf(project: string, service?: string): Promise<string[]> {
  const labels = [
    `com.docker.compose.project=${project}`,
    ...(service === undefined ? [] : [`com.docker.compose.service=${service}`]),
  ];
  const filters = labels.flatMap((label) => ["--filter", `label=${label}`]);
  return (await docker("ps", "-q", ...filters)).split("\n").filter((id) => id !== "");
}

/** By their command lines: `sh <folder>/…/worker …`. */
async function processesOf(folder: string, script: string): Promise<number[]> {
  const ids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const command = await readFile(`/proc/${id}/cmdline`, "utf8").catch(() => "");
      const [, path = ""] = command.split("\0");
      return path.startsWith(`${folder}/`) && path.endsWith(`/${script}`) ? [Number(id)] : [];
    }),
  );
  return found.flat();
}

async function removeAll(name: string): Promise<void> {
  const filter = ["--filter", `name=${name}`];
  const lines = async (...args: string[]) =>
    (await docker(...args, ...filter)).split("\n").filter((id) => id !== "");
  const ids = await lines("ps", "-aq");
  if (ids.length > 0) await docker("rm", "-f", "-v", ...ids);
  const networks = await lines("network", "ls", "-q");
  if (networks.length > 0) await docker("network", "rm", ...networks);
}

/** How a deployer is set up for a test. */
export interface ComposeDeployment {
  host: ComposeHost;
  /** Where the registry is. */
  address: string;
  /** Lines of the target's `compose`, besides where it is. */
  platform?: Readonly<Record<string, unknown>>;
  /** Parts of the pipeline besides its only service, `backend`. */
  pipeline?: Readonly<Record<string, unknown>>;
  slot?: number;
  environment?: string;
  /** Settings instead of those that the host wants. */
  settings?: Readonly<Record<string, string>>;
  /** Files of the repository. */
  files?: Readonly<Record<string, string>>;
  login?: { username: string; password: string };
  /** Default: the sshd itself. */
  port?: number;
  /** Default: 127.0.0.1. */
  hostName?: string;
  /** Default: this machine's own programs. */
  openProgram?: OpenProgram;
  watchSeconds?: number;
  signal?: AbortSignal;
}

/** A deployer, and what it told. */
export interface TestDeployer extends Deployer {
  kept: Map<string, string>;
  progress: string[];
}

/** The deployer under test, with the machine's own ssh. */
export function deployerOn(options: ComposeDeployment): TestDeployer {
  const { host, address, slot, files = {}, login, hostName = "127.0.0.1" } = options;
  const { ssh, directory } = host;
  const port = options.port ?? ssh.port;
  const pipeline = parsePipeline(
    JSON.stringify({
      version: 1,
      name: host.name,
      services: { backend: { port: 8080, probe: { path: "/healthz" } } },
      registries: { local: { address } },
      channels: { prod: {} },
      targets: {
        live: {
          channel: "prod",
          ...(options.environment === undefined ? {} : { environment: options.environment }),
          compose: {
            host: `ssh://${ssh.user}@${hostName}:${port}`,
            ...{ directory, waitTimeout: "40s", ...options.platform },
          },
        },
      },
      ...options.pipeline,
    }),
    "release.yaml",
  );
  const [target] = pipeline.targets;
  if (target?.platform.kind !== "compose") throw new TypeError("no Compose target");
  const settings: Record<string, string> = {
    DEPLOY_SSH_KEY: ssh.key,
    DEPLOY_KNOWN_HOSTS: ssh.knownHosts(`[${hostName}]:${port}`),
    ...options.settings,
  };
  const kept = new Map<string, string>();
  const progress: string[] = [];
  const context: DeployContext<ComposePlatform> = {
    ...{ pipeline, slot, target: { ...target, platform: target.platform } },
    place: slot === undefined ? "live" : `live/${slot}`,
    settings: new Settings({
      secretsFor: () =>
        Object.entries(settings).map(([name, text]) => ({
          use: { use: "setting", name },
          // Nothing else of a session's secret is asked for.
          // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
          secret: { plaintext: () => Promise.resolve(text) } as Secret,
        })),
    }),
    openProgram: options.openProgram ?? localPrograms({}),
    loginFor: () => Promise.resolve(login),
    file: (path) => Promise.resolve(files[path]),
    keep: (path, text) => void kept.set(path, text),
    scrub: (text) => text.replaceAll(login?.password ?? "\0", "***"),
    onProgress: (line) => void progress.push(line),
    signal: options.signal ?? new AbortController().signal,
  };
  const times = { watchSeconds: options.watchSeconds ?? 1, retryMs: [200, 500, 1000, 2000, 5000] };
  return { ...composeHostDeployer(context, times), kept, progress };
}

/** What is to run, by a commit of one digit: `1` is 111…1. */
export function wantedOf(
  digit: string,
  images: readonly DeployedImage[],
  more: Partial<DeploymentWanted> = {},
): DeploymentWanted {
  return {
    ...{ kind: "deployment", commit: digit.repeat(40), release: `v${digit}.0.0` },
    ...{ images, scope: {}, previous: undefined, ...more },
  };
}

/** The host's own ports: Docker chooses them, so that tests don't meet. */
export async function anyPorts(host: ComposeHost, folder = "."): Promise<void> {
  await mkdir(join(host.directory, folder), { recursive: true });
  await writeFile(join(host.directory, folder, "host.env"), "BACKEND_PORT=0\nFRONTEND_PORT=0\n");
}
