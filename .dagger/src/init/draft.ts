import { posix } from "node:path";
import {
  commandList,
  type ComposeService,
  containerPorts,
  plainVariables,
  waitsFor,
} from "./compose.ts";
import type { FoundDockerfile } from "./dockerfiles.ts";

type Entries = Record<string, Record<string, unknown>>;

/** Services and dependencies as `release.yaml` has them. */
export interface Draft {
  services: Entries;
  dependencies: Entries;
}

/** Ports on which well-known images answer. */
const KNOWN_PORTS: Readonly<Record<string, number>> = {
  postgres: 5432,
  postgis: 5432,
  mysql: 3306,
  mariadb: 3306,
  mongo: 27017,
  redis: 6379,
  valkey: 6379,
  memcached: 11211,
  rabbitmq: 5672,
  nats: 4222,
  minio: 9000,
};

/** What a Compose file and the Dockerfiles that it builds say. */
export function draftOfCompose(
  compose: Readonly<Record<string, ComposeService>>,
  dockerfiles: readonly FoundDockerfile[],
): Draft {
  const draft: Draft = { services: {}, dependencies: {} };
  for (const [name, service] of Object.entries(compose)) {
    if (service.build) {
      draft.services[hostNameOf(name)] = builtService(service, service.build, dockerfiles);
    } else if (service.image !== undefined) {
      draft.dependencies[hostNameOf(name)] = dependency(service, service.image);
    }
  }
  return draft;
}

/** One service for each Dockerfile, named after its directory. */
export function draftOfDockerfiles(dockerfiles: readonly FoundDockerfile[]): Draft {
  const services: Entries = {};
  for (const { folder, file, port, files } of dockerfiles) {
    const own = file.replace(/^Dockerfile\.?|\.Dockerfile$/g, "");
    const base = hostNameOf(own || posix.basename(folder === "." ? "app" : folder));
    let name = base;
    for (let count = 2; services[name]; count++) name = `${base}-${count}`;
    services[name] = {
      ...(folder === "." ? {} : { context: folder }),
      ...(file === "Dockerfile" ? {} : { dockerfile: file }),
      ...(files.length > 0 ? { files } : servingOrJob(port, undefined)),
    };
  }
  return { services, dependencies: {} };
}

function builtService(
  service: ComposeService,
  build: NonNullable<ComposeService["build"]>,
  dockerfiles: readonly FoundDockerfile[],
): Record<string, unknown> {
  const { dockerfile = "Dockerfile", target } = build as { dockerfile?: string; target?: string };
  const context = posix.normalize(build.context).replace(/(.)\/$/, "$1");
  const found = dockerfiles.find(
    ({ folder, file }) => posix.join(folder, file) === posix.join(context, dockerfile),
  );
  const port = containerPorts(service)[0] ?? found?.port;
  const env = plainVariables(service);
  const command = commandList(service.command);
  const needs = waitsFor(service).map(hostNameOf);
  return {
    ...(context === "." ? {} : { context }),
    ...(dockerfile === "Dockerfile" ? {} : { dockerfile }),
    ...(target === undefined ? {} : { target }),
    ...servingOrJob(port, service, command),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(command && port !== undefined ? { command } : {}),
    ...(needs.length === 0 ? {} : { needs }),
  };
}

/** What listens on a port is probed; what doesn't is taken for a job. */
function servingOrJob(
  port: number | undefined,
  service: ComposeService | undefined,
  command?: string[],
): Record<string, unknown> {
  if (port === undefined) return { job: command ? { command } : {} };
  return { port, probe: { path: probedPath(service) } };
}

/** The path that the Compose file's own health check asks for; else the root. */
function probedPath(service: ComposeService | undefined): string {
  const test = service?.healthcheck?.test;
  const text = Array.isArray(test) ? test.join(" ") : (test ?? "");
  return /https?:\/\/[^/\s"']+(\/[^\s"'#|;&)]*)/.exec(text)?.[1] ?? "/";
}

function dependency(service: ComposeService, image: string): Record<string, unknown> {
  const [repository = ""] = image.split("@")[0]?.split(/:(?!.*\/)/) ?? [];
  const port = containerPorts(service)[0] ?? KNOWN_PORTS[posix.basename(repository)];
  const env = plainVariables(service);
  const command = commandList(service.command);
  const ready = readyCommand(service);
  return {
    image,
    ...(port === undefined ? {} : { port }),
    ...(Object.keys(env).length === 0 ? {} : { env }),
    ...(command ? { command } : {}),
    ...(ready ? { ready: { command: ready } } : {}),
  };
}

function readyCommand({ healthcheck }: ComposeService): string[] | undefined {
  const test = healthcheck?.test;
  if (test === undefined) return undefined;
  if (typeof test === "string") return ["sh", "-c", test];
  const [kind, ...rest] = test;
  if (kind === "CMD") return rest;
  return kind === "CMD-SHELL" ? ["sh", "-c", rest.join(" ")] : undefined;
}

/** A name that can be a host name: Compose allows more. */
function hostNameOf(name: string): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return plain.replace(/^-+|-+$/g, "").slice(0, 63) || "app";
}
