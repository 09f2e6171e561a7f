import { firstLine } from "../../error.ts";
import type { Until } from "./change.ts";
import { deployContainers } from "./roll.ts";
import { hasTraffic, setTraffic } from "./set-traffic.ts";
import type { Survey } from "./survey.ts";
import { hasIngress, hasManyRevisions, pinned } from "./traffic.ts";
import type { Work } from "./work.ts";

/** Brings an app back to what it ran, and tells how that went, in a line. It never fails. */
export async function putBack(work: Work, plan: Survey): Promise<string> {
  const { pace, readyTimeoutMs, scrub } = work;
  const until = {
    deadline: pace.clock.now() + readyTimeoutMs,
    // Who stops a deployment wants it to end soundly, which this is.
    signal: new AbortController().signal,
  };
  try {
    const line = hasManyRevisions(plan.app)
      ? await returnTraffic(work, plan, until)
      : await redeploy(work, plan, until);
    work.onProgress(line);
    return line;
  } catch (error) {
    const line = `app ${plan.name} could NOT be put back to ${plan.container.image}: ${scrub(firstLine(error))}`;
    work.onProgress(line);
    return `${line}\n  by hand: ${byHand(plan)}`;
  }
}

/** One revision at a time: what ran before is deployed again. */
async function redeploy(work: Work, plan: Survey, until: Until): Promise<string> {
  const { name, app, container } = plan;
  const { containers } = app.properties.template;
  const now = await work.arm.app(name);
  const same = JSON.stringify(now.properties.template.containers) === JSON.stringify(containers);
  if (same) return `app ${name} still runs ${container.image}`;
  const revision = await deployContainers(work, plan, containers, container.image, until);
  return `app ${name} is back to ${container.image}, in revision ${revision}`;
}

/** Several revisions at a time: the one that served gets all traffic, and the new one ends. */
async function returnTraffic(work: Work, plan: Survey, until: Until): Promise<string> {
  const { name, app, serving } = plan;
  const { arm } = work;
  const now = await arm.app(name);
  const latest = now.properties.latestRevisionName ?? undefined;
  if (latest === (app.properties.latestRevisionName ?? undefined)) {
    return `app ${name} still serves with revision ${serving ?? "none"}`;
  }
  if (serving !== undefined && hasIngress(app)) {
    const traffic = pinned(app, serving);
    if (!hasTraffic(now, traffic)) await setTraffic(work, name, app, traffic, until);
  } else if (serving !== undefined) {
    await arm.activate(name, serving);
  }
  if (latest !== undefined) await arm.deactivate(name, latest);
  return `app ${name} serves with revision ${serving ?? "none"} as before`;
}

function byHand({ name, container, app, serving }: Survey): string {
  return hasManyRevisions(app) && serving !== undefined
    ? `az containerapp ingress traffic set --name ${name} --revision-weight ${serving}=100`
    : `az containerapp update --name ${name} --container-name ${container.name} --image ${container.image}`;
}
