import { SluiceError } from "../../error.ts";
import type { ContainerAppsPlatform } from "../../pipeline/model.ts";
import { releaseEnv } from "../release-env.ts";
import type { DeployContext, DeploymentWanted } from "../deployer.ts";
import { isDue, type MigrationWanted } from "./migration.ts";
import type { ResourceNames } from "./resource-names.ts";
import { survey, type AppWanted, type Survey } from "./survey.ts";
import type { Work } from "./work.ts";

type Context = DeployContext<ContainerAppsPlatform>;

/** What a deployment has to do. */
export interface AllSurveys {
  plans: Survey[];
  migration: MigrationWanted | undefined;
  /** What people should know, a line each. */
  notes: string[];
}

/**
 * Reads all apps, and decides whether to migrate: a deployment that changes no app has nothing to
 * migrate for.
 *
 * @throws SluiceError `CONTAINER_APPS_IMAGE_MISSING`, and those of requests
 */
export async function surveyAll(
  context: Context,
  work: Work,
  names: ResourceNames,
  wanted: DeploymentWanted,
): Promise<AllSurveys> {
  const { target, pipeline } = context;
  // An empty variable is none to Azure: one that is left from another release is taken away.
  const env = { ...releaseEnv(wanted, target.environment), SLUICE_RELEASE: wanted.release };
  const image = (service: string) => wanted.images.find((each) => each.service === service)?.ref;
  const apps: AppWanted[] = [];
  const notes: string[] = [];
  for (const { service, name, repository } of appsOf(context, names)) {
    const ref = image(service);
    if (ref === undefined)
      notes.push(`app ${name} is left alone: ${wanted.commit} has no image of ${service}`);
    else apps.push({ service, name, repository, image: ref, env });
  }
  const plans = await Promise.all(apps.map((app) => survey(work.arm, app)));
  const { migration } = target.platform;
  const due =
    migration && names.job !== undefined && plans.some(({ unchanged }) => !unchanged)
      ? isDue(migration, wanted)
      : false;
  if (!migration || names.job === undefined || !due) return { plans, migration: undefined, notes };
  const { service, timeoutMs } = migration;
  const ref = image(service);
  if (ref === undefined) {
    throw new SluiceError(
      "CONTAINER_APPS_IMAGE_MISSING",
      `target ${target.name} migrates with the image of ${service}, and ${wanted.commit} has none`,
      { hint: "promote a commit that has an image of every service that the target names" },
    );
  }
  const repository = repositoryIn(pipeline, target.registry, service);
  return {
    plans,
    notes,
    migration: { job: names.job, service, repository, image: ref, timeoutMs },
  };
}

/** An app and the service that it runs. */
export interface AppNamed {
  service: string;
  name: string;
  repository: string;
}

/** The apps of a target, and where each pulls its service's images from. */
export function appsOf({ pipeline, target }: Context, { apps }: ResourceNames): AppNamed[] {
  return Object.entries(apps).map(([service, name]) => ({
    ...{ service, name },
    repository: repositoryIn(pipeline, target.registry, service),
  }));
}

/** Where a target pulls the images of a service from: `ghcr.io/acme/api`. */
function repositoryIn(
  { registries, services }: Context["pipeline"],
  registry: string,
  service: string,
): string {
  const address = registries.find(({ name }) => name === registry)?.address ?? registry;
  const image = services.find(({ name }) => name === service)?.image ?? service;
  return `${address}/${image}`;
}
