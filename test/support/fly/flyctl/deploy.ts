import { setTimeout as after } from "node:timers/promises";
import { CommandError } from "./commandError.ts";
import { type AppConfig, appName, localConfig, remoteConfig } from "./config.ts";
import type { Options } from "./flags.ts";
import { flaps, graphql, requireSession } from "./fly.ts";
import { activeMachines, type Machine } from "./machines.ts";

/** What one deployment works with. */
interface Deployment {
  app: string;
  image: string;
  config: AppConfig;
  strategy: string;
  waitMs: number;
  release: { id: string; version: number };
}

/** `flyctl deploy` with an image: releases, runs the release command, then replaces machines. */
export async function deploy(options: Options): Promise<void> {
  requireSession();
  const local = await localConfig(options);
  const app = appName(options, local);
  const region = options.text("primary-region");
  const config: AppConfig = {
    ...(local ?? (await remoteConfig(app))),
    app,
    ...(region === "" ? {} : { primary_region: region }),
  };
  for (const pair of options.all("env")) {
    const at = pair.indexOf("=");
    if (at < 1)
      throw new CommandError(
        `failed parsing environment: '${pair}': must be in the format NAME=VALUE`,
      );
    config.env = { ...config.env, [pair.slice(0, at)]: pair.slice(at + 1) };
  }
  const flagged = options.text("strategy");
  if (flagged !== "") config.deploy = { ...config.deploy, strategy: flagged };
  const strategy = config.deploy?.strategy ?? "rolling";
  if (!["rolling", "immediate", "canary", "bluegreen"].includes(strategy)) {
    throw new CommandError(`error unsupported deployment strategy '${strategy}'`);
  }
  const waitMs = durationMs(options.text("wait-timeout") || "5m");
  durationMs(options.text("release-command-timeout") || "5m");
  say("==> Verifying app config\n--> Verified app config\n==> Building image");
  const image = await resolved(app, options.text("image"));
  const machines = await activeMachines(app);
  const release = await created({ app, image, config, strategy });
  const deployment = { app, image, config, strategy, waitMs, release };
  await update(release.id, "running");
  try {
    if (!options.is("skip-release-command")) await releaseCommand(deployment);
    const regions = options
      .text("regions")
      .split(",")
      .filter((one) => one !== "");
    const chosen = machines.filter((one) => regions.length === 0 || regions.includes(one.region));
    await (machines.length === 0 ? first(deployment) : replace(deployment, chosen));
  } catch (error) {
    await update(release.id, "failed").catch(() => say("WARN failed to set final release status"));
    throw error;
  }
  await update(release.id, "complete");
  say(`\nVisit your newly deployed app at https://${app}.fly.dev/`);
}

async function resolved(app: string, ref: string): Promise<string> {
  if (ref === "") throw new CommandError("the stand-in builds nothing: give --image");
  say(`Searching for image '${ref}' remotely...`);
  const { app: found } = await graphql<{ app: { image: { id: string; ref: string } | null } }>(
    "query ($appName: String!, $imageRef: String!) { app(name: $appName) { id image(ref: $imageRef) { id digest ref } } }",
    { appName: app, imageRef: ref },
  );
  if (!found.image) {
    throw new CommandError(
      `failed to fetch an image or build from source: could not find image "${ref}"`,
    );
  }
  say(`image found: ${found.image.id}`);
  return found.image.ref;
}

async function created({ app, image, config, strategy }: Omit<Deployment, "release" | "waitMs">) {
  const { createRelease } = await graphql<{ createRelease: { release: Deployment["release"] } }>(
    "mutation CreateRelease($input: CreateReleaseInput!) { createRelease(input: $input) { release { id version } } }",
    {
      input: {
        ...{ appId: app, image, platformVersion: "machines", definition: config },
        strategy: strategy.toUpperCase(),
      },
    },
  );
  return createRelease.release;
}

async function update(releaseId: string, status: string): Promise<void> {
  await graphql(
    "mutation UpdateRelease($input: UpdateReleaseInput!) { updateRelease(input: $input) { release { id } } }",
    { input: { releaseId, status } },
  );
}

async function releaseCommand(deployment: Deployment): Promise<void> {
  const { app, config } = deployment;
  const command = config.deploy?.release_command;
  if (command === undefined) return;
  say(`Running ${app} release_command: ${command}\nStarting machine`);
  const body = machineConfig(deployment, "fly_app_release_command");
  const machine = await flaps<Machine>("launch VM", "POST", `${app}/machines`, {
    config: { ...body, services: [], auto_destroy: true, init: { cmd: command.split(" ") } },
    skip_launch: true,
  });
  await flaps(`start VM ${machine.id}`, "POST", `${app}/machines/${machine.id}/start`);
  const ended = await flaps<Machine>(
    `get VM ${machine.id}`,
    "GET",
    `${app}/machines/${machine.id}`,
  );
  const exit =
    ended.events.find(({ type }) => type === "exit")?.request?.exit_event?.exit_code ?? 0;
  if (exit === 0) return say(`release_command ${machine.id} completed successfully`);
  say(`Error release_command failed running on machine ${machine.id} with exit code ${exit}.`);
  say("Checking logs: fetching the last 100 lines below:");
  throw new CommandError(
    `release command failed - aborting deployment. machine ${machine.id} exited with non-zero status of ${exit}`,
  );
}

/** An app without machines gets two. */
async function first(deployment: Deployment): Promise<void> {
  const { app, config } = deployment;
  for (const attempt of ["a new machine", "a second machine to increase service availability"]) {
    say(`No machines in group app, launching ${attempt}`);
    const machine = await flaps<Machine>("launch VM", "POST", `${app}/machines`, {
      config: machineConfig(deployment, "app"),
      ...(config.primary_region === undefined ? {} : { region: config.primary_region }),
    });
    await healthy(deployment, machine.id);
  }
}

async function replace(deployment: Deployment, machines: readonly Machine[]): Promise<void> {
  const { app, strategy } = deployment;
  const nonces = new Map<string, string>();
  try {
    for (const { id } of machines) {
      const path = `${app}/machines/${id}/lease?ttl=13`;
      const lease = await flaps<{ data: { nonce: string } }>(`get lease on VM ${id}`, "POST", path);
      nonces.set(id, lease.data.nonce);
    }
    say(`Updating existing machines in '${app}' with ${strategy} strategy`);
    for (const { id, state } of machines) {
      say(`Updating ${id} [app]`);
      const body = { config: machineConfig(deployment, "app"), skip_launch: state !== "started" };
      await flaps(`update VM ${id}`, "POST", `${app}/machines/${id}`, body, nonces.get(id));
      if (state === "started") await healthy(deployment, id);
    }
  } finally {
    for (const [id, nonce] of nonces) {
      await flaps(
        `release lease on VM ${id}`,
        "DELETE",
        `${app}/machines/${id}/lease`,
        undefined,
        nonce,
      ).catch((error: unknown) =>
        say(`WARN failed to release lease for machine ${id}: ${String(error)}`),
      );
    }
  }
}

/** Waits for the machine's checks, as every strategy but `immediate` does. */
async function healthy({ app, strategy, waitMs }: Deployment, id: string): Promise<void> {
  const path = `${app}/machines/${id}`;
  await flaps(`wait for VM ${id}`, "GET", `${path}/wait?state=started&timeout=60`);
  say(`Waiting for machine ${id} to become healthy`);
  if (strategy === "immediate") return;
  const end = Date.now() + waitMs;
  for (;;) {
    const { checks } = await flaps<Machine>(`get VM ${id}`, "GET", path).catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      throw new CommandError(`error getting machine ${id} from api: ${why}`);
    });
    if (checks.every(({ status }) => status === "passing")) break;
    if (Date.now() > end) {
      throw new CommandError(
        `timeout reached waiting for health checks to pass for machine ${id}: context deadline exceeded`,
      );
    }
    await after(20);
  }
  say(`Machine ${id} [app] update finished: success`);
}

function machineConfig({ image, config, release }: Deployment, group: string): object {
  const { http_service: http } = config;
  const checks = http?.checks?.map(({ path = "/" }) => ({ type: "http", path }));
  return {
    image,
    ...(config.env ? { env: config.env } : {}),
    metadata: {
      ...{ fly_platform_version: "v2", fly_process_group: group, fly_release_id: release.id },
      fly_release_version: String(release.version),
    },
    ...(http
      ? { services: [{ protocol: "tcp", internal_port: http.internal_port, checks: checks ?? [] }] }
      : {}),
  };
}

/** Milliseconds of a duration of Go. */
function durationMs(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)(ms|s|m|h)$/.exec(text) ?? [];
  const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  const ms = Number(count) * (units[unit] ?? NaN);
  if (count !== "" && !Number.isNaN(ms)) return ms;
  throw new CommandError(`invalid duration value ${text}`);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
