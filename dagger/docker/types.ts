import type { Readable } from "node:stream";
import type { Blob, FileEntry, Tree } from "../content/tree.ts";

/** Username and password (or token) for one registry host. */
export interface RegistryCredentials {
  username: string;
  password: string;
}

/** The part of an OCI image config that every container state carries. */
export interface ImageConfig {
  /** `KEY=value`, in order, keys unique. */
  env: string[];
  entrypoint: string[] | null;
  cmd: string[] | null;
  user: string;
  workdir: string;
  labels: Record<string, string>;
  /** `80/tcp` */
  exposedPorts: string[];
  stopSignal?: string;
  /** Docker's healthcheck extension, passed through untouched. */
  healthcheck?: unknown;
  volumes?: string[];
}

/** An image in Docker's store. */
export interface StoredImage {
  /** Docker's image id (`sha256:…`), used as rootfs for execs. */
  id: string;
  /** `linux/amd64` */
  platform: string;
  config: ImageConfig;
  /** RFC 3339 */
  created: string;
}

/** An image as resolved by `from`: also says which digest of which repository it is. */
export interface PulledImage extends StoredImage {
  /**
   * Canonical reference with digest, `docker.io/library/nginx@sha256:…`; for a stand-in the digest is
   * its image id, which means nothing to a registry. Null when Docker did not say.
   */
  ref: string | null;
  /** True when a locally built stand-in serves in place of the registry's image. */
  standIn: boolean;
}

/** What is mounted. Trees, files and secrets are copied in through a volume, never bind-mounted from the host. */
export type MountSource =
  | { kind: "tree"; tree: Tree }
  | { kind: "file"; entry: FileEntry }
  | { kind: "secret"; content: Uint8Array; mode: number; uid: number; gid: number }
  | { kind: "cache"; volume: string; init?: Tree; uid?: number; gid?: number }
  | { kind: "temp"; size?: number }
  | { kind: "socket"; hostPath: string };

export interface MountSpec {
  /** Absolute path in the container. */
  path: string;
  source: MountSource;
  readonly?: boolean;
}

/** One process to run, to completion or as a service. */
export interface ProcessSpec {
  /** Content key of the operation; goes on the container's labels. */
  key: string;
  /** Docker image id that serves as root file system. */
  image: string;
  platform: string;
  /** Full argv, entrypoint already applied. */
  args: string[];
  /** Complete environment; a variable of the image that is not listed here is unset. */
  env: string[];
  /** Variables whose values must not outlive the process (never in a committed image). */
  secretEnv: { name: string; value: string }[];
  user: string;
  workdir: string;
  mounts: MountSpec[];
  /** Extra /etc/hosts entries: alias → IP, for service bindings. */
  hosts: { name: string; ip: string }[];
  privileged: boolean;
  /** Run under docker-init (tini); false makes the command pid 1. */
  init: boolean;
  stdin?: Uint8Array;
}

/** The end of a process that ran to completion. */
export interface ProcessResult {
  exitCode: number;
  stdout: Blob;
  stderr: Blob;
  /** stdout and stderr interleaved as they came. */
  combined: Blob;
  /** The file system it left behind. */
  container: StoppedContainer;
}

/** A stopped container, kept until the session ends (or `remove`), read and committed on demand. */
export interface StoppedContainer {
  readonly id: string;
  /** Commits the root file system (mounts excluded) to an image without any secret; memoised. Returns the image id. */
  commit(): Promise<string>;
  /** Reads `path` (root file system or a mount, symlinks in parent directories followed) as a tar stream, as `docker cp` does. */
  archive(path: string): Promise<Readable>;
  remove(): Promise<void>;
}

/** A service container that is running. */
export interface RunningService {
  readonly id: string;
  /** Its IP on the session network. */
  readonly ip: string;
  /** Address to dial from this host for a container port: the container's own IP where it is reachable, else a published loopback port. */
  dial(port: number): { host: string; port: number };
  /** Settles when the process exits by itself or is stopped. */
  readonly exited: Promise<{ exitCode: number }>;
  /** Output so far. */
  logs(): Promise<{ stdout: string; stderr: string }>;
  /** Runs a command beside the service's process, with its environment and user. */
  exec(args: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }>;
  /** SIGTERM (or `signal`), then SIGKILL after `graceMs`; removes the container. */
  stop(options?: { signal?: string; graceMs?: number }): Promise<void>;
}

export interface ServiceSpec extends ProcessSpec {
  /** Host names by which every container of the session network finds it. */
  hostnames: string[];
  /** Container ports that must be dialable from this host. */
  ports: { port: number; protocol: "tcp" | "udp" }[];
}

/** One platform of an image to publish or export. */
export interface ImageVariant {
  /** Docker image id whose layers are taken. */
  image: string;
  platform: string;
  config: ImageConfig;
  /** Manifest annotations. */
  annotations: Record<string, string>;
}

export interface ImageAssembly {
  variants: ImageVariant[];
  /** Default `gzip`. */
  compression?: "gzip" | "zstd" | "uncompressed";
  /** Default `oci`. */
  mediaTypes?: "oci" | "docker";
}

export interface BuildSpec {
  context: Tree;
  /** Path in the context, default `Dockerfile`. */
  dockerfile: string;
  target?: string;
  buildArgs: { name: string; value: string }[];
  secrets: { id: string; content: Uint8Array }[];
  platform: string;
  noInit?: boolean;
  credentials: ReadonlyMap<string, RegistryCredentials>;
  /** Told of each step and its output. */
  progress?: (line: string) => void;
}

/** A change to a root file system. */
export type RootfsChange =
  { kind: "put"; tree: Tree; path: string } | { kind: "remove"; paths: string[] };

/** Everything the engine asks of the container runtime. Implemented on the Docker Engine API. */
export interface Runtime {
  /** `linux/amd64`: what containers run on by default. */
  readonly platform: string;
  pull(
    ref: string,
    options: {
      platform: string;
      credentials: ReadonlyMap<string, RegistryCredentials>;
      /** Host address (`127.0.0.1:32768`) to ask instead of the registry named in `ref` (a registry that runs as a session service). */
      dial?: string;
    },
  ): Promise<PulledImage>;
  inspect(image: string): Promise<StoredImage>;
  /** An image whose root file system is the tree. */
  scratch(platform: string, tree: Tree): Promise<StoredImage>;
  build(spec: BuildSpec): Promise<StoredImage>;
  /** Applies changes in order; returns an image id. */
  change(image: string, platform: string, changes: RootfsChange[]): Promise<string>;
  /** Reads a path of an image as a tar stream (symlinks in parents followed). Throws SluiceError `PATH_NOT_FOUND`. */
  archive(image: string, path: string): Promise<Readable>;
  run(spec: ProcessSpec): Promise<ProcessResult>;
  start(spec: ServiceSpec): Promise<RunningService>;
  /** Pushes by digest first, then the tag; answers `address@sha256:…`. */
  publish(
    address: string,
    assembly: ImageAssembly,
    options: { credentials: ReadonlyMap<string, RegistryCredentials>; dial?: string },
  ): Promise<string>;
  /** An OCI image layout tarball (also loadable by `docker load`). */
  tarball(assembly: ImageAssembly): Promise<Blob>;
  /** Loads an OCI or Docker archive; `tag` and `platform` (default: the runtime's) pick one of several. */
  load(archive: Readable, options?: { tag?: string; platform?: string }): Promise<StoredImage>;
  /** Names an image in Docker's store (`exportImage`). */
  tag(image: string, name: string): Promise<void>;
  /** How containers of this session reach this host: listen on `listen`, dial `ip` from a container. */
  hostAccess(): Promise<{ listen: string; ip: string }>;
  /** A static busybox for `platform` (default: the runtime's), for small jobs inside containers. */
  toolbox(platform?: string): Promise<Uint8Array>;
  volumeRemove(name: string): Promise<void>;
  /** Removes everything this session created that is not cache. Idempotent. */
  close(): Promise<void>;
}
