import type { ServerResponse } from "node:http";
import { type FlyApi, flyApi } from "./api.ts";
import {
  type FlyDeployment,
  type FlyDeploymentOptions,
  flyDeployment,
  wanted,
} from "./deployment.ts";
import type { StandInApp } from "./model.ts";

/** Two images of service `web`. */
export const one = `ghcr.io/acme/web@sha256:${"1".repeat(64)}`;
export const two = `ghcr.io/acme/web@sha256:${"2".repeat(64)}`;

/** `sha256:…` of a reference. */
export function digestOf(ref: string): string {
  return ref.slice(ref.indexOf("@") + 1);
}

const flyToml = [
  'app = "shop"',
  "[deploy]",
  'release_command = "bin/migrate"',
  "[http_service]",
  "internal_port = 8080",
  "[[http_service.checks]]",
  'path = "/healthz"',
].join("\n");

/** A fly.toml with a release command and a health check, which is not waited for long. */
export const config = {
  fly: { config: "fly.toml", waitTimeout: "200ms" },
  files: { "fly.toml": flyToml },
};

/** App `shop`, whose two machines run the first image. */
export async function runningShop(
  options: FlyDeploymentOptions = config,
): Promise<FlyDeployment & { api: FlyApi; app: StandInApp }> {
  const api = await flyApi();
  const app = api.apps.get("shop");
  if (!app) throw new Error("the stand-in has no app shop");
  const deployment = await flyDeployment(api, options);
  await deployment.deployer.deploy(wanted(one));
  deployment.kept.clear();
  return { api, app, ...deployment };
}

/** Digests of the shop's machines. */
export function digests({ apps }: FlyApi): string[] {
  return [...(apps.get("shop")?.machines.values() ?? [])]
    .filter(({ state }) => state !== "destroyed")
    .map(({ image_ref }) => image_ref.digest);
}

/** Answers of a service in trouble. */
export const reset = (response: ServerResponse): void => void response.destroy();
export const status =
  (code: number, body: object) =>
  (response: ServerResponse): void =>
    void response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
