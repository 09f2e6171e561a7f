import { setMaxListeners } from "node:events";
import { join } from "node:path";
import { DiskCache } from "../core/cache.ts";
import { SluiceError } from "../core/error.ts";
import type { ContentStore } from "../content/store.ts";
import { capabilitiesOf } from "./capabilities.ts";
import type { Daemon } from "./daemon/daemon.ts";
import { discover, surroundings } from "./discovery/discover.ts";
import type { Surroundings } from "./discovery/strategy.ts";
import { boundImages } from "./image/bound.ts";
import { Images } from "./image/images.ts";
import { Layers } from "./image/layers.ts";
import { SessionNetwork } from "./network.ts";
import { DockerRuntime } from "./runtime.ts";
import { sweepAbandoned } from "./sweep.ts";
import type { Runtime } from "./types.ts";

export interface ConnectOptions {
  store: ContentStore;
  /** Where engine state lives between sessions. */
  stateDir: string;
  sessionId: string;
  /** Ends what is under way. */
  signal?: AbortSignal;
  /** Told one line at a time what is going on. */
  progress?: (line: string) => void;
  /** Takes secrets out of a text before it is shown. */
  scrub?: (text: string) => string;
  /** A static busybox binary for a platform; needed to remove files from images. */
  toolbox?: (platform: string) => Promise<Uint8Array>;
  /** Docker image id of a locally built image to serve in place of `ref`; null when there is none. */
  standIn?: (ref: string, platform: string, daemon: Daemon) => Promise<string | null>;
  /** When results that are images were last used: ms since the epoch, by image id. */
  lastUsed?: () => Promise<ReadonlyMap<string, number>>;
  /** Default: this process's environment. */
  surroundings?: Surroundings;
}

/**
 * Finds a container runtime, removes what dead sessions left there, and answers it. Throws
 * `DOCKER_UNREACHABLE`.
 */
export async function connectRuntime(options: ConnectOptions): Promise<Runtime> {
  const { sessionId } = options;
  const scrub = options.scrub ?? ((text: string) => text);
  const tell = options.progress ?? (() => undefined);
  const { daemon, version } = await discover(
    options.surroundings ?? surroundings(),
    options.signal,
  );
  const ended = new AbortController();
  const signal = options.signal ? AbortSignal.any([options.signal, ended.signal]) : ended.signal;
  // Every request in flight listens; a session has many.
  setMaxListeners(0, signal);
  const [capabilities, records] = await Promise.all([
    capabilitiesOf(daemon, version),
    DiskCache.open(join(options.stateDir, "layers")),
    // A daemon that can't sweep can still run things.
    sweepAbandoned(daemon).catch(() => 0),
  ]);
  const { lastUsed } = options;
  if (lastUsed) {
    // Nobody waits for it, and what it did not get to is left to a later session.
    void boundImages(daemon, { sessionId, records, lastUsed, signal }).catch(() => 0);
  }
  return new DockerRuntime(
    {
      daemon,
      capabilities,
      images: new Images(daemon),
      layers: new Layers(
        { daemon, store: options.store, stateDir: options.stateDir, signal },
        records,
      ),
      records,
      silent: new Map(),
      announced: new Set(),
      network: new SessionNetwork(daemon, sessionId),
      store: options.store,
      stateDir: options.stateDir,
      sessionId,
      signal,
      progress: (line) => tell(scrub(line)),
      scrub,
      toolbox: options.toolbox ?? (() => Promise.reject(noToolbox())),
      standIn: (ref, platform) => options.standIn?.(ref, platform, daemon) ?? Promise.resolve(null),
    },
    () => ended.abort(new SluiceError("SESSION_CLOSED", "the session is closed")),
  );
}

const noToolbox = (): SluiceError =>
  new SluiceError("TOOLBOX_MISSING", "no static busybox is available to remove files with");
