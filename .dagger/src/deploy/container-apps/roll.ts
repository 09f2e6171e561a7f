import { SluiceError } from "../../error.ts";
import { changeApp, type Until } from "./change.ts";
import type { AppContainer } from "./model.ts";
import { freeSuffix, revisionName } from "./revision-name.ts";
import { revisionReady, unhealthy } from "./revision-ready.ts";
import { setTraffic } from "./set-traffic.ts";
import { wantedContainers, type Survey } from "./survey.ts";
import { hasIngress, hasManyRevisions, pinned, shifted } from "./traffic.ts";
import type { Work } from "./work.ts";

/**
 * Makes a revision of an app that runs the wanted image, and waits until it is healthy. Where
 * several revisions are active, traffic stays with the one that serves.
 *
 * @returns its name
 */
export async function roll(work: Work, plan: Survey, until: Until): Promise<string> {
  const containers = wantedContainers(plan, new Date(work.pace.clock.now()));
  const revision = await deployContainers(work, plan, containers, plan.image, until);
  work.onProgress(`${plan.name}: revision ${revision} is healthy`);
  return revision;
}

/**
 * Makes a revision with other containers, and waits until it is healthy.
 *
 * @param image that it is named after
 */
export async function deployContainers(
  work: Work,
  { name, app, serving }: Pick<Survey, "name" | "app" | "serving">,
  containers: AppContainer[],
  image: string,
  until: Until,
): Promise<string> {
  const suffix = freeSuffix(name, image, await work.arm.revisionNames(name));
  const revision = revisionName(name, suffix);
  const holds = hasManyRevisions(app) && serving !== undefined && hasIngress(app);
  const patch = {
    location: app.location,
    properties: {
      template: { containers, revisionSuffix: suffix },
      ...(holds ? { configuration: { ingress: { traffic: pinned(app, serving) } } } : {}),
    },
  };
  work.onProgress(`${name}: makes revision ${revision} with ${image}`);
  const wanted = { app: name, name: revision, containers, hasIngress: hasIngress(app) };
  try {
    await changeApp(
      work,
      name,
      patch,
      ({ properties }) => properties.template.revisionSuffix === suffix,
      until,
    );
  } catch (error) {
    if (!(error instanceof SluiceError) || error.code !== "CONTAINER_APPS_OPERATION_FAILED") {
      throw error;
    }
    throw await unhealthy(work, wanted, error.reason);
  }
  await revisionReady(work, wanted, until);
  return revision;
}

/** Lets a healthy revision serve, where Azure doesn't do so by itself. */
export async function serve(
  work: Work,
  { name, app, serving }: Survey,
  revision: string,
  until: Until,
): Promise<void> {
  if (!hasManyRevisions(app)) return;
  if (!hasIngress(app)) {
    // Without ingress nothing is shifted: two revisions would do the same work twice.
    if (serving !== undefined) await work.arm.deactivate(name, serving);
    return;
  }
  await setTraffic(work, name, app, shifted(app, revision), until);
  work.onProgress(`${name}: ${revision} has all traffic`);
}
