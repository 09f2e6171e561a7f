import { z } from "zod";
import { duration } from "../duration.ts";
import { given } from "../given.ts";
import { hostName, label } from "../names.ts";

const MINUTE_MS = 60_000;

const endpoint = (standard: string) =>
  z
    .url({ protocol: /^https?$/, error: `a URL such as ${standard}` })
    .default(standard)
    .describe(`Default: ${standard}.`);

const migration = z
  .strictObject({
    job: given.describe("Name of the job."),
    service: hostName.describe("Service whose accepted image it runs."),
    scopes: z
      .array(label)
      .default([])
      .describe("Start it only when the candidate changes one of these. Default: always."),
    timeout: duration
      .default(10 * MINUTE_MS)
      .describe("Longest time that it may run. Default: 10m."),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }))
  .describe("A job that has to succeed before any app is deployed; not for a rollback.");

/** Apps on Azure Container Apps. */
export const containerApps = z
  .strictObject({
    subscription: given
      .default({ setting: "AZURE_SUBSCRIPTION_ID" })
      .describe("Default: the setting AZURE_SUBSCRIPTION_ID."),
    resourceGroup: given
      .default({ setting: "AZURE_RESOURCE_GROUP" })
      .describe("Default: the setting AZURE_RESOURCE_GROUP."),
    apps: z
      .record(hostName, given)
      .refine((all) => Object.keys(all).length > 0, { error: "at least one app" })
      .describe("Name of the app, by the service whose image it runs."),
    migration: migration.optional(),
    readyTimeout: duration
      .default(10 * MINUTE_MS)
      .describe("How long revisions may take to become healthy. Default: 10m."),
    endpoint: endpoint("https://management.azure.com"),
    authority: endpoint("https://login.microsoftonline.com"),
  })
  .transform(({ readyTimeout, ...rest }) => ({ ...rest, readyTimeoutMs: readyTimeout }))
  .describe(
    "Apps on Azure Container Apps. Signs in with AZURE_TENANT_ID, AZURE_DEPLOY_CLIENT_ID and AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN.",
  );
