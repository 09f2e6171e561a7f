import { randomUUID } from "node:crypto";
import type { ComposePlatform } from "../../pipeline/model.ts";
import type { DeployContext, DeploymentDone, DeploymentWanted } from "../deployer.ts";
import type { Connection } from "./connection.ts";
import { endOf } from "./end.ts";
import { seconds } from "./planned.ts";
import { containersOf, type ReleaseFiles } from "./release.ts";
import type { HostRequest } from "./request.ts";
import { deploy, worker } from "./scripts/worker.ts";
import type { Stack } from "./stack.ts";
import type { Times } from "./times.ts";
import { failureOf } from "./verdict.ts";

/** Where a release is brought, and by which way. */
export interface Way {
  context: DeployContext<ComposePlatform>;
  connection: Connection;
  stack: Stack;
  times: Times;
}

/**
 * Brings a release to its host, and hears how that ended: over a new connection, if the first one is
 * lost.
 *
 * @throws SluiceError that says what failed, and what became of it on the host
 */
export async function bringTo(
  way: Way,
  wanted: DeploymentWanted,
  release: ReleaseFiles,
): Promise<DeploymentDone> {
  const { context, connection, stack } = way;
  const { place } = context;
  const { address } = connection;
  const asked = deploymentRequest(way, wanted, release);
  context.onProgress(
    `${place}: ${wanted.commit.slice(0, 12)} goes to ${address.text}, ${stack.home}`,
  );
  const { result, said } = await endOf(way, asked);
  const log = context.scrub(said);
  context.keep(`compose-host/${place.replaceAll("/", "-")}.log`, log);
  const failure = failureOf(result, { address, stack, place, log });
  if (failure) throw failure;
  return result.outcome === "unchanged"
    ? { release: undefined, notes: [`${place} ran exactly this already`] }
    : { release: result.run, notes: [] };
}

function deploymentRequest(
  { context, stack, times }: Way,
  wanted: DeploymentWanted,
  release: ReleaseFiles,
): HostRequest {
  const { pipeline, target } = context;
  const { migrate, maintenance, waitTimeoutMs } = target.platform;
  const { services } = containersOf(pipeline, wanted);
  const { kind, commit } = wanted;
  const migration = kind === "deployment" ? migrate : undefined;
  return {
    ...{ script: deploy, scripts: { worker }, run: randomUUID(), stack, release },
    timeoutSeconds: seconds(waitTimeoutMs),
    values: {
      kind,
      compare: kind === "rollback" ? "images" : "id",
      watch: String(times.watchSeconds),
      what: `${kind} of ${commit.slice(0, 12)}`,
    },
    argv: {
      services: services.map(({ name }) => name),
      dependencies: pipeline.dependencies.map(({ name }) => name),
      migrate: migration && [migration.service, ...migration.command],
      "maintenance-on": maintenance?.on,
      "maintenance-off": maintenance?.off,
    },
  };
}
