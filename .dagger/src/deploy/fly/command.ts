import type { DeploymentWanted } from "../deployer.ts";
import type { FlyPlatform } from "../../pipeline/model.ts";

/** Environment variables by name. */
export type Env = Readonly<Record<string, string>>;

/** What one deployment is about. */
export interface DeployCommand {
  app: string;
  /** With its digest, as Fly.io pulls it. */
  image: string;
  /** Path where flyctl finds the app's configuration; undefined: as released before. */
  config: string | undefined;
  kind: DeploymentWanted["kind"];
  /** Laid over that of the configuration. */
  env: Env;
}

/** Arguments of `flyctl` that deploy an image by its digest. */
export function deployArguments(
  { app, image, config, kind, env }: DeployCommand,
  platform: FlyPlatform,
): string[] {
  const { strategy, primaryRegion, regions, waitTimeoutMs, releaseCommandTimeoutMs } = platform;
  return [
    ...["deploy", "--app", app, "--image", image],
    ...(config === undefined ? [] : ["--config", config]),
    ...Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...(strategy === undefined ? [] : ["--strategy", strategy]),
    ...(primaryRegion === undefined ? [] : ["--primary-region", primaryRegion]),
    ...(regions.length === 0 ? [] : ["--regions", regions.join(",")]),
    ...["--wait-timeout", goDuration(waitTimeoutMs)],
    ...(kind === "rollback"
      ? // It would migrate forwards, with an older image.
        ["--skip-release-command"]
      : ["--release-command-timeout", goDuration(releaseCommandTimeoutMs)]),
    // A Docker near flyctl could hold another image of that name, and push it under another digest.
    "--remote-only",
    // By default Fly.io decides from outside whether a deployment is repeated.
    ...["--deploy-retries", "0"],
    "--yes",
  ];
}

/** `300s`, as Go reads durations. */
function goDuration(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
