import type { SluiceError } from "../core/error.ts";
import type { DiskCache } from "../core/cache.ts";
import type { ContentStore } from "../content/store.ts";
import type { Capabilities } from "./capabilities.ts";
import type { Daemon } from "./daemon/daemon.ts";
import type { Images } from "./image/images.ts";
import type { Layers } from "./image/layers.ts";
import type { SessionNetwork } from "./network.ts";

/** Shared by everything that works for one session on one daemon. */
export interface Workshop {
  daemon: Daemon;
  capabilities: Capabilities;
  images: Images;
  layers: Layers;
  network: SessionNetwork;
  store: ContentStore;
  /** Where engine state lives between sessions. */
  stateDir: string;
  /** Registries that did not answer in this session, and how. */
  silent: Map<string, SluiceError>;
  /** Images for which a substitute was announced. */
  announced: Set<string>;
  /** Small facts kept between sessions. */
  records: DiskCache;
  sessionId: string;
  /** Aborted when the session ends; every wait listens to it. */
  signal: AbortSignal;
  /** Shows one line to the user, already without secrets. */
  progress: (line: string) => void;
  /** Takes secrets out of a text. */
  scrub: (text: string) => string;
  /** A static busybox for the platform. */
  toolbox: (platform: string) => Promise<Uint8Array>;
  /** Docker image id of a locally built image that serves in place of `ref`, or null. */
  standIn: (ref: string, platform: string) => Promise<string | null>;
}
