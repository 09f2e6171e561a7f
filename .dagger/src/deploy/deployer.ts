import type { Pipeline, PipelineTarget } from "../pipeline/model.ts";
import type { OpenProgram } from "./program.ts";
import type { Settings } from "./settings.ts";

/** An image that is deployed, always by digest. */
export interface DeployedImage {
  /** Name of the service. */
  service: string;
  /** `sha256:…` */
  digest: string;
  /** `ghcr.io/acme/backend@sha256:…`, in the registry that the target pulls from. */
  ref: string;
}

/** What is to run at a target. */
export interface DeploymentWanted {
  /** `rollback`: back to what ran there before; nothing is migrated. */
  kind: "deployment" | "rollback";
  commit: string;
  /** Git tag that it was promoted as. */
  release: string | undefined;
  /** All services of the pipeline that the commit has images of. */
  images: readonly DeployedImage[];
  /** Which parts of the system the candidate changes, by name. */
  scope: Readonly<Record<string, boolean>>;
  /** What ran there before, by the ledger; undefined when nothing is recorded. */
  previous: { commit: string; images: readonly DeployedImage[] } | undefined;
}

/** What a deployment did. */
export interface DeploymentDone {
  /** The platform's own id of the release: `v42`, a revision's name. */
  release: string | undefined;
  /** What people should know about it, a line each. */
  notes: readonly string[];
}

/** User and password of a registry. */
export interface RegistryLogin {
  username: string;
  password: string;
}

/** What a deployer works with. */
export interface DeployContext<P extends PipelineTarget["platform"] = PipelineTarget["platform"]> {
  pipeline: Pipeline;
  target: PipelineTarget & { platform: P };
  /** Number of the slot; undefined for targets without slots. */
  slot: number | undefined;
  /** `live`, or `staging/2` for a slot: what it is called in the ledger and in messages. */
  place: string;
  settings: Settings;
  openProgram: OpenProgram;
  /** Credentials for the host of a registry; undefined when none are known. */
  loginFor(host: string): Promise<RegistryLogin | undefined>;
  /** Text of a file of the repository at the deployed commit; undefined when it has no such file. */
  file(path: string): Promise<string | undefined>;
  /** Keeps a text below `.artifacts/deploy/<sha>/`, whether the deployment succeeds or not. */
  keep(path: string, text: string): void;
  /** Takes secrets out of a text. */
  scrub(text: string): string;
  onProgress(line: string): void;
  /** Aborted when somebody asked to stop: what has begun is brought to a sound end. */
  signal: AbortSignal;
}

/** Brings images to one kind of platform. */
export interface Deployer {
  /**
   * Looks whether a deployment could begin: credentials, names, reachability. Changes nothing.
   * Answers what it would do, a line each, with the very commands where there are any.
   *
   * @throws SluiceError that names what is missing or wrong, and what to do next
   */
  plan(wanted: DeploymentWanted): Promise<readonly string[]>;
  /**
   * Makes the target run exactly these digests, and waits until the platform itself says so. Doing
   * it again changes nothing more.
   *
   * @throws SluiceError when it does not; what was seen is kept
   */
  deploy(wanted: DeploymentWanted): Promise<DeploymentDone>;
  /**
   * Digest by service of what runs there right now, asked of the platform; undefined where nothing
   * runs. A service that the target doesn't run is missing.
   */
  running(): Promise<Readonly<Record<string, string>> | undefined>;
  /** The platform's last log lines, for the evidence of a failure and for watching. */
  logs(): Promise<string>;
}
