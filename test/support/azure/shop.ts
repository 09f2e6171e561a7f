import { expect } from "vitest";
import { SluiceError } from "../../../.dagger/src/error.ts";
import { shopImage } from "./deployment.ts";
import { azureServer, type Azure, type AzureOptions, type NewApp } from "./server.ts";

/** A shop whose apps and migration job run the images `a`. */
export async function azureShop(
  options: AzureOptions & { app?: Partial<NewApp> } = {},
): Promise<Azure> {
  const { app, ...rest } = options;
  const azure = await azureServer(rest);
  await azure.addApp({ name: "shop-api", image: shopImage("api", "a").ref, ...app });
  await azure.addApp({ name: "shop-web", image: shopImage("web", "a").ref, ...app });
  azure.addJob({ name: "shop-migrate", image: shopImage("api", "a").ref });
  return azure;
}

/** What was asked that may change something. */
export function writesOf({ requests }: Azure): string[] {
  return requests.filter((request) => !request.startsWith("GET "));
}

/** Image of the revision that serves, by app. */
export function servedBy(azure: Azure, app: string): string | undefined {
  const { revisions, latestReady, resource } = azure.apps.get(app) ?? { revisions: [] };
  const { activeRevisionsMode, ingress } = resource?.properties.configuration ?? {};
  const most = ingress?.traffic?.find(({ weight }) => weight === 100);
  const named = activeRevisionsMode === "Multiple" ? most?.revisionName : undefined;
  const serving = revisions.find(({ name }) => name === (named ?? latestReady));
  return serving?.active ? serving.template.containers[0]?.image : undefined;
}

/** The error that a deployment ends with; no secret of the shop is in it. */
export async function failureOf(work: Promise<unknown>, azure?: Azure): Promise<SluiceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SluiceError);
  const failure = error as SluiceError;
  if (azure) expect(failure.message).not.toContain(azure.secret);
  expect(failure.message).not.toMatch(/entra-[0-9a-f]|logs-[0-9a-f]{8}/);
  return failure;
}
