import { basename } from "node:path";
import { SluiceError } from "../../error.ts";
import type { FlyPlatform } from "../../pipeline/model.ts";
import type { DeployContext } from "../deployer.ts";
import { type AppConfig, appMeant, localConfig } from "./app-config.ts";
import { checkedAppName } from "./app-name.ts";
import { type AppState, appState } from "./app-state.ts";
import { type Flyctl, flyctlOver } from "./flyctl.ts";
import { digestReader } from "./machine-digest.ts";
import type { Clock } from "../../verify/clock.ts";
import { tokenScrubber } from "./token.ts";
import type { Running } from "./verdict.ts";

export type FlyContext = DeployContext<FlyPlatform>;

/** What there is of an app, with digests as candidates name them. */
export interface FlyState extends AppState {
  machines: readonly Running[];
}

/** One app on Fly.io, ready to be asked and changed. */
export interface FlySession {
  app: string;
  token: string;
  flyctl: Flyctl;
  /** The app's own configuration at the deployed commit; undefined when it has none. */
  config: { path: string; content: AppConfig } | undefined;
  /** What there is of the app right now. */
  look(): Promise<FlyState>;
}

/** Where Fly.io is when nothing else is said. */
const DEFAULTS: Readonly<
  Record<keyof FlyPlatform["endpoints"], { url: string; variable: string }>
> = {
  api: { url: "https://api.fly.io", variable: "FLY_API_BASE_URL" },
  machines: { url: "https://api.machines.dev", variable: "FLY_FLAPS_BASE_URL" },
  registry: { url: "registry.fly.io", variable: "FLY_REGISTRY_HOST" },
};

/**
 * Reads what the target says, and looks whether it fits together. Asks Fly.io nothing yet.
 *
 * @throws SluiceError `SETTING_MISSING`, `FLY_CONFIG_NOT_FOUND`, `FLY_CONFIG_INVALID`,
 *   `FLY_WRONG_APP`, `FLY_APP_MISSING`, `FLY_APP_INVALID`
 */
export async function openSession(context: FlyContext, clock: Clock): Promise<FlySession> {
  const { platform } = context.target;
  const { settings } = context;
  const token = await settings.get("FLY_API_TOKEN", "the token for Fly.io");
  const named =
    platform.app && (await settings.resolve(platform.app, "the name of the Fly.io app"));
  const configured = named === undefined ? undefined : checkedAppName(named, "the target's app");
  const text = await configText(context);
  const file = platform.config ?? "";
  const path = `/sluice/${basename(file)}`;
  const scrubToken = tokenScrubber(token);
  const program = context.openProgram({
    image: platform.flyctl,
    command: "flyctl",
    env: environment(platform),
    secrets: { FLY_API_TOKEN: token },
    ...(text === undefined ? {} : { files: { [path]: text } }),
  });
  const flyctl = flyctlOver(program, {
    scrub: (said) => scrubToken(context.scrub(said)),
    signal: context.signal,
    clock,
  });
  const content =
    text === undefined ? undefined : await localConfig(flyctl, { path, file, app: configured });
  const app = appMeant(configured, content && { file, app: content.app });
  const digestOf = digestReader(context, token);
  const look: FlySession["look"] = async () => {
    const { machines, ...state } = await appState(flyctl, app);
    const running = machines.map(async (one) => ({ ...one, digest: await digestOf(one) }));
    return { ...state, machines: await Promise.all(running) };
  };
  return { app, token, flyctl, look, config: content && { path, content } };
}

async function configText(context: FlyContext): Promise<string | undefined> {
  const { place } = context;
  const { platform } = context.target;
  if (platform.config === undefined) return undefined;
  const text = await context.file(platform.config);
  if (text !== undefined) return text;
  throw new SluiceError(
    "FLY_CONFIG_NOT_FOUND",
    `${place}: the commit has no file ${platform.config}`,
    { hint: "commit the app's fly.toml there, or correct config in the target's fly section" },
  );
}

function environment({ endpoints }: FlyPlatform): Record<string, string> {
  const elsewhere = Object.entries(DEFAULTS).flatMap(
    ([name, { url, variable }]): [string, string][] => {
      const given = endpoints[name as keyof FlyPlatform["endpoints"]].replace(/\/+$/, "");
      return given === url ? [] : [[variable, given]];
    },
  );
  return {
    // The official image is empty but for /flyctl.
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/",
    FLY_CONFIG_DIR: "/tmp/.fly",
    FLY_NO_UPDATE_CHECK: "1",
    FLY_SEND_METRICS: "0",
    NO_COLOR: "1",
    ...Object.fromEntries(elsewhere),
  };
}
