import { z } from "zod";
import { SluiceError } from "../../error.ts";
import type { FlyPlatform } from "../../pipeline/model.ts";
import { checkedAppName } from "./app-name.ts";
import { reasonIn } from "./failure.ts";
import type { DeployCommand } from "./command.ts";
import type { Flyctl } from "./flyctl.ts";

/** What flyctl reads in a configuration; most of it is Fly.io's business alone. */
const appConfig = z.looseObject({
  app: z.string().optional(),
  primary_region: z.string().optional(),
  env: z.record(z.string(), z.unknown()).nullish(),
  deploy: z.looseObject({ strategy: z.string().optional() }).nullish(),
});

export type AppConfig = z.output<typeof appConfig>;

/**
 * What an app's own configuration says, as flyctl itself reads it: TOML, JSON or YAML.
 *
 * @param path where flyctl finds it
 * @param file its path in the repository, for messages
 * @throws SluiceError `FLY_CONFIG_INVALID`
 */
export async function localConfig(
  flyctl: Flyctl,
  { path, file, app }: { path: string; file: string; app: string | undefined },
): Promise<AppConfig> {
  const named = app === undefined ? [] : ["--app", app];
  const ran = await flyctl.run(["config", "show", "--local", "--config", path, ...named]);
  const invalid = (reason: string) =>
    new SluiceError("FLY_CONFIG_INVALID", `${file}: ${reason}`, {
      detail: ran.said,
      hint: `correct ${file}; see it as Fly.io does: flyctl config validate --config ${file}`,
    });
  if (ran.code !== 0) throw invalid(reasonIn(ran.said));
  try {
    return appConfig.parse(JSON.parse(ran.stdout));
  } catch {
    throw invalid("flyctl didn't show it as JSON");
  }
}

/** The configuration of the newest release; undefined when there is none, or none that can be had. */
export async function releasedConfig(flyctl: Flyctl, app: string): Promise<AppConfig | undefined> {
  const ran = await flyctl.run(["config", "show", "--app", app]);
  if (ran.code !== 0) return undefined;
  try {
    return appConfig.parse(JSON.parse(ran.stdout));
  } catch {
    return undefined;
  }
}

/**
 * Whether a release with this configuration would be the same as the released one. What the
 * deployment's arguments say counts instead of what the file says, as it does for flyctl.
 *
 * @param local undefined: as released
 */
export function sameConfig(
  {
    strategy,
    primaryRegion,
    env,
  }: Pick<FlyPlatform, "strategy" | "primaryRegion"> & Pick<DeployCommand, "env">,
  local: AppConfig | undefined,
  released: AppConfig,
): boolean {
  const plain = (config: AppConfig): AppConfig => ({
    ...config,
    app: undefined,
    env: config.env ?? {},
    deploy: config.deploy ?? {},
    // Nothing is built.
    build: undefined,
  });
  const asked = plain(local ?? released);
  const laidOver = {
    ...asked,
    env: { ...asked.env, ...env },
    ...(primaryRegion === undefined ? {} : { primary_region: primaryRegion }),
    deploy: { ...asked.deploy, ...(strategy === undefined ? {} : { strategy }) },
  };
  return sorted(laidOver) === sorted(plain(released));
}

/** JSON with the keys in order, so that equal values are equal texts. */
function sorted(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(
          Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)),
        )
      : inner,
  );
}

/**
 * The app that is meant.
 *
 * @param configured by the pipeline file
 * @param config what fly.toml says; undefined without one
 * @throws SluiceError `FLY_WRONG_APP`, `FLY_APP_MISSING`, `FLY_APP_INVALID`
 */
export function appMeant(
  configured: string | undefined,
  config: { file: string; app: string | undefined } | undefined,
): string {
  if (configured !== undefined && config?.app !== undefined && config.app !== configured) {
    throw new SluiceError(
      "FLY_WRONG_APP",
      `${config.file} is of app ${JSON.stringify(config.app.slice(0, 100))}, but the target's app is ${configured}; nothing was changed`,
      { hint: `make app in ${config.file} and the target's app the same, or name another config` },
    );
  }
  const app = configured ?? config?.app;
  if (app !== undefined) return checkedAppName(app, config?.file ?? "the target's app");
  throw new SluiceError("FLY_APP_MISSING", "neither the target nor a fly.toml names the app", {
    hint: "add app: <name> to the target's fly section",
  });
}
