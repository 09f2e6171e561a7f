import { setTimeout as after } from "node:timers/promises";
import { CommandError } from "./commandError.ts";
import { appName, localConfig, remoteConfig } from "./config.ts";
import type { Options } from "./flags.ts";
import { appLogs, flaps, graphql, requireSession } from "./fly.ts";
import { activeMachines } from "./machines.ts";

/** `flyctl status` */
export async function status(options: Options): Promise<void> {
  const name = await signedIn(options);
  const { app } = await graphql<{ app: Record<string, unknown> & { release: Versioned | null } }>(
    `
      query ($appName: String!) {
        app(name: $appName) {
          id
          name
          hostname
          deployed
          status
          appUrl
          platformVersion
          organization {
            id
            slug
          }
          release: currentReleaseUnprocessed {
            version
          }
        }
      }
    `,
    { appName: name },
  );
  const machines = await activeMachines(name);
  json({
    ...{ ID: app.id, Name: app.name, Deployed: app.deployed, Status: app.status },
    ...{ Hostname: app.hostname, AppURL: app.appUrl, Organization: app.organization },
    ...{ PlatformVersion: app.platformVersion, Version: app.release?.version ?? 0 },
    Machines: machines.length > 0 ? machines : null,
  });
}

/** `flyctl releases` */
export async function releases(options: Options): Promise<void> {
  const name = await signedIn(options);
  const { app } = await graphql<{ app: { releases: { nodes: Record<string, unknown>[] } } }>(
    `
      query ($appName: String!, $limit: Int!) {
        app(name: $appName) {
          releases: releasesUnprocessed(first: $limit) {
            nodes {
              id
              version
              description
              reason
              status
              imageRef
              stable
              user {
                id
                email
                name
              }
              createdAt
            }
          }
        }
      }
    `,
    { appName: name, limit: 25 },
  );
  json(
    app.releases.nodes.map(({ user, ...release }) => ({
      ...capitalised(release),
      ...{ InProgress: false, DeploymentStrategy: "", Metadata: null, EvaluationID: "" },
      User: capitalised(user as Record<string, unknown>),
    })),
  );
}

/** `flyctl logs`: without any line it waits for one, as the real one does. */
export async function logs(options: Options): Promise<void> {
  const name = await signedIn(options);
  for (;;) {
    const lines = await appLogs(name);
    for (const { timestamp, message } of lines) {
      process.stdout.write(`${timestamp} app[148e0000] fra [info]${message}\n`);
    }
    if (lines.length > 0) return;
    await after(64);
  }
}

/** `flyctl config show` */
export async function configShow(options: Options): Promise<void> {
  requireSession();
  const config = await localConfig(options);
  const name = appName(options, config);
  if (!options.is("local")) {
    process.stdout.write(`${JSON.stringify(await remoteConfig(name), null, 2)}\n`);
    return;
  }
  if (!config) throw new CommandError("No local fly.toml found");
  process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
}

/** `flyctl machine leases view` */
export async function leasesView(options: Options): Promise<void> {
  const name = await signedIn(options);
  if (options.args.length === 0)
    throw new CommandError("a machine ID must be specified when not running interactively");
  const found: Record<string, unknown> = {};
  for (const id of options.args) {
    await flaps(`get VM ${id}`, "GET", `${name}/machines/${id}`);
    try {
      found[id] = await flaps(`get lease on VM ${id}`, "GET", `${name}/machines/${id}/lease`);
    } catch (error) {
      if (!(error instanceof CommandError && error.message.includes(" lease not found")))
        throw error;
    }
  }
  json(found);
}

interface Versioned {
  version: number;
}

async function signedIn(options: Options): Promise<string> {
  requireSession();
  return appName(options, await localConfig(options));
}

/** Go prints the names of fields that nobody named for JSON. */
function capitalised(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key === "id" ? "ID" : (key[0] ?? "").toUpperCase() + key.slice(1),
      value,
    ]),
  );
}

function json(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 4)}\n`);
}
