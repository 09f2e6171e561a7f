import { SluiceError } from "../../core/error.ts";
import type { ImageConfig } from "../../docker/types.ts";
import type { CacheVolume } from "../cache-volume.ts";
import type { Directory } from "../files/directory.ts";
import type { File } from "../files/file.ts";
import type { Owner } from "../files/owner.ts";
import type { Secret } from "../secret.ts";
import type { Service } from "../services/service.ts";
import type { Socket } from "../host/socket.ts";
import type { ExecRun } from "./exec.ts";
import type { Rootfs } from "./rootfs.ts";

export type Mount =
  | { path: string; kind: "directory"; directory: Directory; readonly: boolean; owner?: Owner }
  | { path: string; kind: "file"; file: File; owner?: Owner }
  | { path: string; kind: "secret"; secret: Secret; mode: number; owner: Owner }
  | {
      path: string;
      kind: "cache";
      volume: CacheVolume;
      source?: Directory;
      sharing: string;
      owner?: Owner;
    }
  | { path: string; kind: "temp"; size?: number }
  | { path: string; kind: "socket"; socket: Socket };

export interface ExposedPort {
  port: number;
  protocol: "TCP" | "UDP";
  description?: string;
  experimentalSkipHealthcheck: boolean;
  /** Declared by the image (EXPOSE) only: reported and kept, but a service need not listen there. */
  declaredByImage?: boolean;
}

/** Everything there is to know about a container before it runs. Immutable. */
export interface ContainerState {
  /** `linux/amd64` */
  readonly platform: string;
  readonly rootfs: Rootfs;
  readonly config: ImageConfig;
  readonly annotations: Readonly<Record<string, string>>;
  readonly mounts: readonly Mount[];
  readonly secretEnv: readonly { name: string; secret: Secret }[];
  /** Variables that a run sees but that do not count for its cache key. */
  readonly volatileEnv: readonly { name: string; value: string }[];
  readonly services: readonly { alias: string; service: Service }[];
  readonly ports: readonly ExposedPort[];
  readonly auth: readonly { address: string; username: string; secret: Secret }[];
  /** The last `withExec`, whose output and exit code can be read. */
  readonly last?: ExecRun;
  /** `withDefaultArgs` was called: as a service it runs these alone. */
  readonly defaultArgsGiven?: boolean;
  /** Canonical reference with digest of the image it came from. */
  readonly imageRef: string | null;
}

export const emptyConfig: ImageConfig = {
  env: [],
  entrypoint: null,
  cmd: null,
  user: "",
  workdir: "",
  labels: {},
  exposedPorts: [],
};

/** `env` with `name` set, in place where it was, else at the end. */
export function withEnv(env: readonly string[], name: string, value: string): string[] {
  const entry = `${name}=${value}`;
  const at = env.findIndex((item) => item.startsWith(`${name}=`));
  return at < 0 ? [...env, entry] : env.map((item, index) => (index === at ? entry : item));
}

export function withoutEnv(env: readonly string[], name: string): string[] {
  return env.filter((item) => !item.startsWith(`${name}=`));
}

export function envValue(env: readonly string[], name: string): string | undefined {
  return env.find((item) => item.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Replaces `$NAME` and `${NAME}` by the container's variables, as Go's os.Expand does. */
export function expandVariables(
  text: string,
  state: Pick<ContainerState, "config" | "secretEnv" | "volatileEnv">,
): string {
  return text.replace(/\$(?:\{([^}]*)\}|([A-Za-z_]\w*))/g, (_, braced?: string, bare?: string) => {
    const name = braced ?? bare ?? "";
    // Expanded text ends up in recipes and caches, where neither of these may.
    for (const [kind, list] of [
      ["secret", state.secretEnv],
      ["volatile", state.volatileEnv],
    ] as const) {
      if (list.some((item) => item.name === name)) {
        throw new SluiceError(
          "INVALID_ARGUMENT",
          `expand cannot be used with ${kind} env variable ${JSON.stringify(name)}`,
        );
      }
    }
    return envValue(state.config.env, name) ?? "";
  });
}
