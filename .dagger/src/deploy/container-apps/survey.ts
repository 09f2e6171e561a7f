import type { Arm } from "./arm.ts";
import { containerOf, hasEnv, withImage } from "./containers.ts";
import { healthOf } from "./health.ts";
import type { App, AppContainer } from "./model.ts";
import { hasIngress, hasManyRevisions, servingRevision } from "./traffic.ts";

/** What one app is to run. */
export interface AppWanted {
  service: string;
  /** Name of the app. */
  name: string;
  /** Repository of the service's images. */
  repository: string;
  /** Image by digest. */
  image: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** An app as it is found, and what becomes of it. */
export interface Survey extends AppWanted {
  app: App;
  /** The container that gets the image. */
  container: AppContainer;
  /** Name of the revision that serves; undefined: none does. */
  serving: string | undefined;
  /** Whether it serves the wanted image already, in good health. */
  unchanged: boolean;
}

/** Reads an app and the revision that serves; changes nothing. */
export async function survey(arm: Arm, wanted: AppWanted): Promise<Survey> {
  const app = await arm.app(wanted.name);
  const { containers } = app.properties.template;
  const container = containerOf(containers, { ...wanted, what: `app ${wanted.name}` });
  const serving = servingRevision(app);
  const unchanged = serving !== undefined && (await servesAlready(arm, app, wanted, serving));
  return { ...wanted, app, container, serving, unchanged };
}

async function servesAlready(
  arm: Arm,
  app: App,
  wanted: AppWanted,
  serving: string,
): Promise<boolean> {
  const { latestRevisionName, template } = app.properties;
  const settled = hasManyRevisions(app) || latestRevisionName === serving;
  const revision = settled ? await arm.revision(wanted.name, serving) : undefined;
  if (!revision) return false;
  const { containers } = revision.properties.template;
  const container = containerOf(containers, { ...wanted, what: `revision ${serving}` });
  if (container.image !== wanted.image || !hasEnv(container, wanted.env)) return false;
  const expected = hasManyRevisions(app) ? [container] : template.containers;
  const replicas = await arm.replicas(wanted.name, serving);
  return healthOf(revision, replicas, expected, hasIngress(app)).state === "healthy";
}

/** All containers of the app with the wanted image, and what it is told about its release. */
export function wantedContainers(
  { app, container, image, env }: Survey,
  deployedAt: Date,
): AppContainer[] {
  return withImage(app.properties.template.containers, container, image, {
    ...env,
    SLUICE_DEPLOYED_AT: deployedAt.toISOString(),
  });
}
