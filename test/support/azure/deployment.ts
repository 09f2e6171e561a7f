import { containerAppsDeployer } from "../../../.dagger/src/deploy/container-apps/deployer.ts";
import type { Pace } from "../../../.dagger/src/deploy/container-apps/pace.ts";
import type {
  DeployContext,
  Deployer,
  DeploymentWanted,
} from "../../../.dagger/src/deploy/deployer.ts";
import { Settings } from "../../../.dagger/src/deploy/settings.ts";
import type { ContainerAppsPlatform } from "../../../.dagger/src/pipeline/model.ts";
import { systemClock } from "../../../.dagger/src/verify/clock.ts";
import type { Azure } from "./server.ts";

/** An image of the shop by its service and a digit that makes its digest. */
export function shopImage(service: "api" | "web", digit: string) {
  const digest = `sha256:${digit.repeat(64)}`;
  return { service, digest, ref: `ghcr.io/acme/shop-${service}@${digest}` };
}

/** What is to run: both services with the same digit, at the commit of that digit. */
export function shopWanted(digit: string, more: Partial<DeploymentWanted> = {}): DeploymentWanted {
  return {
    kind: "deployment",
    commit: digit.repeat(40),
    release: `v1.0.${digit.charCodeAt(0)}`,
    images: [shopImage("api", digit), shopImage("web", digit)],
    scope: { runtime: true },
    previous: undefined,
    ...more,
  };
}

/** How a deployer of the shop is set up. */
export interface ShopOptions {
  /** In the place of what signs in with a secret; undefined takes one away. */
  settings?: Record<string, string | undefined>;
  platform?: Partial<ContainerAppsPlatform>;
  pace?: Partial<Pace>;
  signal?: AbortSignal;
}

/** A deployer for the shop's apps `shop-api` and `shop-web`, and what it said and kept. */
export interface ShopDeployment {
  deployer: Deployer;
  said: string[];
  kept: Map<string, string>;
}

export function shopDeployment(azure: Azure, options: ShopOptions = {}): ShopDeployment {
  const said: string[] = [];
  const kept = new Map<string, string>();
  const platform: ContainerAppsPlatform = {
    kind: "containerApps",
    subscription: { setting: "AZURE_SUBSCRIPTION_ID" },
    resourceGroup: { setting: "AZURE_RESOURCE_GROUP" },
    apps: { api: { text: "shop-api" }, web: { setting: "ACA_WEB_APP_NAME" } },
    migration: undefined,
    readyTimeoutMs: 20_000,
    endpoint: azure.url,
    authority: azure.url,
    ...options.platform,
  };
  const settings = {
    AZURE_TENANT_ID: azure.tenant,
    AZURE_SUBSCRIPTION_ID: azure.subscription,
    AZURE_RESOURCE_GROUP: azure.group,
    AZURE_DEPLOY_CLIENT_ID: azure.client,
    AZURE_CLIENT_SECRET: azure.secret,
    ACA_WEB_APP_NAME: "shop-web",
    ...options.settings,
  };
  const registry = { name: "ghcr", address: "ghcr.io/acme" };
  const context = {
    pipeline: {
      registries: [registry],
      services: [
        { name: "api", image: "shop-api" },
        { name: "web", image: "shop-web" },
      ],
    },
    target: { name: "production", registry: "ghcr", environment: "production", platform },
    ...{ slot: undefined, place: "production" },
    settings: settingsOf(settings),
    scrub: (text: string) => text.replaceAll(azure.secret, "***"),
    keep: (path: string, text: string) => kept.set(path, text),
    onProgress: (line: string) => said.push(line),
    signal: options.signal ?? new AbortController().signal,
  };
  const pace = { clock: systemClock, pollMs: 4, settleMs: 20, ...options.pace };
  const deployer = containerAppsDeployer(
    context as unknown as DeployContext<ContainerAppsPlatform>,
    pace,
  );
  return { deployer, said, kept };
}

function settingsOf(values: Readonly<Record<string, string | undefined>>): Settings {
  const secretsFor = () =>
    Object.entries(values).flatMap(([name, value]) =>
      value === undefined
        ? []
        : [{ use: { use: "setting", name }, secret: { plaintext: () => Promise.resolve(value) } }],
    );
  return new Settings({ secretsFor } as unknown as ConstructorParameters<typeof Settings>[0]);
}
