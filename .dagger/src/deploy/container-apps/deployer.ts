import { SluiceError } from "../../error.ts";
import { once } from "../../once.ts";
import type { ContainerAppsPlatform } from "../../pipeline/model.ts";
import type { DeployContext, Deployer, DeploymentDone } from "../deployer.ts";
import { isLoopback, serviceAddress } from "./address.ts";
import { allOrNone } from "./all-or-none.ts";
import { armOf } from "./arm.ts";
import { connect } from "./connect.ts";
import { findJob, migrate } from "./migration.ts";
import { usualPace, type Pace } from "./pace.ts";
import { demandPermissions, planLines } from "./plan.ts";
import { resourceNames, type ResourceNames } from "./resource-names.ts";
import { allLogs, runningDigests } from "./running.ts";
import { signIn } from "./sign-in.ts";
import { survey } from "./survey.ts";
import { appsOf, surveyAll, type AllSurveys } from "./survey-all.ts";
import type { Work } from "./work.ts";

/**
 * Deploys to Azure Container Apps, through Azure's Resource Manager. Only the image of a service's
 * container and the `SLUICE_…` variables it is told its release with are ever changed; secrets,
 * scaling, registries, identity and ingress are the app's own.
 *
 * @param pace how Azure is waited for; tests shorten it
 */
export function containerAppsDeployer(
  context: DeployContext<ContainerAppsPlatform>,
  pace: Pace = usualPace,
): Deployer {
  const opened = once(() => open(context, pace));
  return {
    async plan(wanted) {
      const { work, names } = await opened();
      const { plans, migration, notes } = await surveyAll(context, work, names, wanted);
      const job = migration && (await findJob(work, migration));
      await demandPermissions(work, plans, migration?.job);
      return planLines(
        plans,
        migration && job && { ...migration, container: job.container },
        notes,
      );
    },
    async deploy(wanted) {
      const { work, names } = await opened();
      return deploy(context, work, await surveyAll(context, work, names, wanted));
    },
    async running() {
      const { work, names } = await opened();
      return runningDigests(work, appsOf(context, names));
    },
    async logs() {
      const { work, names } = await opened();
      return allLogs(work, Object.values(names.apps));
    },
  };
}

async function open(
  context: DeployContext<ContainerAppsPlatform>,
  pace: Pace,
): Promise<{ work: Work; names: ResourceNames }> {
  const { settings, target } = context;
  const { platform } = target;
  const scrub = (text: string) => context.scrub(text);
  const endpoint = serviceAddress(platform.endpoint, `targets.${target.name}: endpoint`);
  const authority = serviceAddress(platform.authority, `targets.${target.name}: authority`);
  const names = await resourceNames(platform, settings);
  const who = await signIn(settings, { authority, endpoint, scrub });
  const connection = await connect(endpoint, names.subscription, who, pace);
  const { group, subscription } = names;
  const arm = armOf(connection, { group, subscription, pollMs: pace.pollMs }, scrub);
  const { readyTimeoutMs } = platform;
  const plainHttp = isLoopback(endpoint);
  return {
    names,
    work: {
      ...{ arm, pace, plainHttp, readyTimeoutMs, scrub },
      keep: (path, text) => {
        context.keep(path, text);
      },
      onProgress: (line) => {
        context.onProgress(line);
      },
    },
  };
}

async function deploy(
  context: DeployContext<ContainerAppsPlatform>,
  work: Work,
  { plans, migration, notes }: AllSurveys,
): Promise<DeploymentDone> {
  const { signal } = context;
  const changed = plans.filter(({ unchanged }) => !unchanged);
  for (const { name, unchanged, image } of plans) {
    if (unchanged) work.onProgress(`${name}: serves ${image} already`);
  }
  if (migration) {
    const execution = await migrate(work, migration, signal);
    notes.push(`migrated by execution ${execution} of job ${migration.job}`);
  }
  if (signal.aborted) {
    throw new SluiceError(
      "CONTAINER_APPS_INTERRUPTED",
      "the deployment was stopped before any app was touched",
      { hint: "run the deployment again when it may go on" },
    );
  }
  // What was changed by others while a migration ran is theirs, and must not be undone.
  const now = migration
    ? await Promise.all(changed.map((plan) => survey(work.arm, plan)))
    : changed;
  const revisions = await allOrNone(work, now, signal);
  const serving = plans.map(({ service, serving: before }) => revisions[service] ?? before ?? "");
  return { release: serving.join(", "), notes };
}
