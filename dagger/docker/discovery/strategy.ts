import type { Endpoint } from "../daemon/endpoint.ts";

/** What discovery looks at; the real process's by default. */
export interface Surroundings {
  env: Readonly<Record<string, string | undefined>>;
  home: string;
  platform: NodeJS.Platform;
  uid: number | undefined;
}

/** A place where a daemon may listen, or why there is none. */
export type Finding =
  | { name: string; endpoint: Endpoint }
  /** Not worth a connection attempt. */
  | { name: string; refused: string };

/** One way to find a daemon. An empty answer means that it does not apply here at all. */
export interface Strategy {
  /** When it finds something, nothing else is tried: the user chose it. */
  readonly explicit: boolean;
  find(surroundings: Surroundings): Promise<Finding[]>;
}
