import type { Secret, Service } from "@dagger.io/dagger";
import type { Supervised } from "./supervise/supervised.ts";

/** One container of a verification, before anything is pulled. */
export interface ContainerSpec {
  /** Name by which the others reach it. */
  name: string;
  /** Reference to pull; by digest for what is verified. */
  image: string;
  /** The registry, when it runs as a Dagger service. */
  registryService?: Service;
  /** TCP ports that are dialled. */
  ports: readonly number[];
  env: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, Secret>>;
  /** Replaces the image's default arguments, as `command` does in a Compose file; its entrypoint stays. */
  command?: readonly string[];
}

/** A container whose image is there. */
export interface Prepared {
  /** Full command line that it will run. */
  readonly argv: readonly string[];
  /**
   * Starts it under supervision; settles once the supervisor answers, whatever its program does.
   *
   * @param needs containers of the same stage that it reaches by their names; started before
   */
  start(needs: readonly string[]): Promise<Supervised>;
}

/** Where the containers of one verification live. */
export interface Stage {
  /** Pulls the image; throws when that fails. */
  prepare(spec: ContainerSpec): Promise<Prepared>;
  /** Ends every container that was started. Never throws; safe to call again. */
  close(): Promise<void>;
}
