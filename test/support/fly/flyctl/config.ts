import { readFile } from "node:fs/promises";
import { CommandError } from "./commandError.ts";
import type { Options } from "./flags.ts";
import { graphql } from "./fly.ts";
import { parseToml } from "./toml.ts";

/** What the stand-in understands of an app's configuration; the rest is passed on as it is. */
export interface AppConfig {
  app?: string;
  primary_region?: string;
  env?: Record<string, string>;
  deploy?: { strategy?: string; release_command?: string };
  http_service?: { internal_port: number; checks?: { path?: string }[] };
}

/** The file that `--config` names. */
export async function localConfig(options: Options): Promise<AppConfig | undefined> {
  const path = options.text("config");
  if (path === "") return undefined;
  const text = await readFile(path, "utf8");
  try {
    return (path.endsWith(".json") ? JSON.parse(text) : parseToml(text)) as AppConfig;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new CommandError(`failed loading app config from ${path}: ${why}`);
  }
}

/** The app's name, of the flag or the configuration. */
export function appName(options: Options, config: AppConfig | undefined): string {
  const name = options.text("app") || config?.app;
  if (name !== undefined) return name;
  throw new CommandError(
    "the config for your app is missing an app name, add an app field to the fly.toml file or specify with the -a flag",
  );
}

/** The configuration of the newest release. */
export async function remoteConfig(app: string): Promise<AppConfig> {
  const { app: found } = await graphql<{
    app: { currentReleaseUnprocessed: { configDefinition: AppConfig | null } | null };
  }>(
    "query FlyctlConfigCurrentRelease($appName: String!) { app(name: $appName) { currentReleaseUnprocessed { configDefinition } } }",
    { appName: app },
  );
  return { ...(found.currentReleaseUnprocessed?.configDefinition ?? {}), app };
}
