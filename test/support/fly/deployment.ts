import type { Secret } from "@dagger.io/dagger";
import type {
  DeployContext,
  Deployer,
  DeploymentWanted,
  RegistryLogin,
} from "../../../.dagger/src/deploy/deployer.ts";
import { flyDeployer } from "../../../.dagger/src/deploy/fly/deployer.ts";
import { Settings } from "../../../.dagger/src/deploy/settings.ts";
import type { FlyPlatform } from "../../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../../.dagger/src/pipeline/parse.ts";
import { type Clock, systemClock } from "../../../.dagger/src/verify/clock.ts";
import { localPrograms } from "../localProgram.ts";
import type { FlyApi } from "./api.ts";
import { standInFlyctl } from "./flyctlProgram.ts";

export const commit = "5f0c3f6b8a1e4d2f9c7b6a5d4e3f2a1b0c9d8e7f";

/** A deployer for the app of a stand-in, and what it left behind. */
export interface FlyDeployment {
  deployer: Deployer;
  /** Texts that were kept, by path. */
  kept: Map<string, string>;
  progress: string[];
  /** Command lines that flyctl was run with. */
  commands: string[][];
}

export interface FlyDeploymentOptions {
  /** What the target's `fly` section says besides the endpoints, as in a pipeline file. */
  fly?: Readonly<Record<string, unknown>>;
  /** `FLY_API_TOKEN`; undefined: it isn't given. */
  token?: string | undefined;
  /** Files of the commit by path. */
  files?: Readonly<Record<string, string>>;
  logins?: Readonly<Record<string, RegistryLogin>>;
  /** Host of Fly.io's registry. */
  registry?: string;
  clock?: Clock;
  signal?: AbortSignal;
  settings?: Readonly<Record<string, string>>;
}

/** Deploys service `web` to app `shop` with the stand-in flyctl, as a process of this machine. */
export async function flyDeployment(
  api: Pick<FlyApi, "url">,
  options: FlyDeploymentOptions = {},
): Promise<FlyDeployment> {
  const { fly = {}, files = {}, logins = {}, clock = hastyClock() } = options;
  const token = "token" in options ? options.token : "fly-token";
  const kept = new Map<string, string>();
  const progress: string[] = [];
  const commands: string[][] = [];
  const programs = localPrograms({ flyctl: [process.execPath, await standInFlyctl()] });
  const { pipeline, target } = pipelineOf(api, fly, options.registry);
  const context: DeployContext<FlyPlatform> = {
    ...{ pipeline, target, slot: undefined, place: "live" },
    settings: settings({
      ...options.settings,
      ...(token === undefined ? {} : { FLY_API_TOKEN: token }),
    }),
    openProgram: (spec) => {
      const program = programs(spec);
      return {
        run(args, stdin) {
          commands.push([...args]);
          return program.run(args, stdin);
        },
      };
    },
    loginFor: (host) => Promise.resolve(logins[host]),
    file: (path) => Promise.resolve(files[path]),
    keep: (path, text) => void kept.set(path, text),
    scrub: (text) => text,
    onProgress: (line) => void progress.push(line),
    signal: options.signal ?? new AbortController().signal,
  };
  return { deployer: flyDeployer(context, clock), kept, progress, commands };
}

/** What is wanted of service `web`. */
export function wanted(
  ref: string,
  { kind = "deployment" }: Partial<Pick<DeploymentWanted, "kind">> = {},
): DeploymentWanted {
  const digest = ref.slice(ref.indexOf("@") + 1);
  return {
    ...{ kind, commit, release: undefined, scope: {}, previous: undefined },
    images: [{ service: "web", digest, ref }],
  };
}

/** Short waits are over at once, and have taken their time; long ones are real. */
export function hastyClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: async (ms, signal) => {
      if (ms >= 30_000) return systemClock.sleep(ms, signal);
      skipped += ms;
    },
  };
}

function pipelineOf(
  { url }: Pick<FlyApi, "url">,
  fly: Readonly<Record<string, unknown>>,
  registry: string | undefined,
) {
  const endpoints = { api: url, machines: url, ...(registry === undefined ? {} : { registry }) };
  const file = {
    version: 1,
    name: "shop",
    registries: { ghcr: { address: "ghcr.io/acme" } },
    services: { web: { context: "web", port: 8080, probe: { path: "/healthz" } } },
    channels: { live: { tag: "live" } },
    targets: { live: { channel: "live", fly: { app: "shop", ...fly, endpoints } } },
  };
  // JSON is YAML, too.
  const pipeline = parsePipeline(JSON.stringify(file), "release.yaml");
  const [target] = pipeline.targets;
  if (target?.platform.kind !== "fly") throw new Error("the target is not on Fly.io");
  return { pipeline, target: { ...target, platform: target.platform } };
}

function settings(values: Readonly<Record<string, string>>): Settings {
  return new Settings({
    secretsFor: () =>
      Object.entries(values).map(([name, value]) => ({
        use: { use: "setting", name },
        // Nothing else of a session's secret is asked for.
        secret: { plaintext: () => Promise.resolve(value) } as unknown as Secret,
      })),
  });
}
