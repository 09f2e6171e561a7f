import { z } from "zod";
import { restOf, type GithubAccess } from "./access.ts";
import { placeOf, type NewDeployment, type NewStatus } from "./deployment-texts.ts";
import { allPages } from "./pages.ts";

/** As many as a place is likely to have left open, and some more. */
const PER_PAGE = 10;
const MAX_PAGES = 20;

/** GitHub gives an object back as one, or as the text that it was. */
const payload = z.preprocess(
  objectOf,
  z.object({ sluice: z.object({ key: z.string(), pipeline: z.string() }) }),
);
const deployment = z.object({ id: z.number(), payload: z.unknown() });
const deployments = z.array(deployment);
const status = z.object({ state: z.string() });
const statuses = z.array(status);

/** A deployment that Sluice has recorded. */
export interface Recorded {
  readonly id: number;
  readonly key: string;
  readonly pipeline: string;
}

/** The deployment of a key, for the very commit; the first one, should there be more. */
export async function findDeployment(
  access: GithubAccess,
  { ref, environment, payload: { sluice } }: NewDeployment,
): Promise<Recorded | undefined> {
  const { rest, of } = await restOf(access);
  const all = await allPages(deployments, (page) =>
    rest.repos.listDeployments({ ...of, ref, environment, per_page: 100, page }),
  );
  return recorded(all)
    .filter(({ key, pipeline }) => key === sluice.key && pipeline === sluice.pipeline)
    .at(-1);
}

export async function createDeployment(
  access: GithubAccess,
  wanted: NewDeployment,
): Promise<Recorded> {
  const { rest, of } = await restOf(access);
  const { data } = await rest.repos.createDeployment({ ...of, ...wanted });
  const { key, pipeline } = wanted.payload.sluice;
  return { id: deployment.parse(data).id, key, pipeline };
}

/** All states that it had, the newest one first. */
export async function statesOf(access: GithubAccess, id: number): Promise<string[]> {
  const { rest, of } = await restOf(access);
  const all = await allPages(statuses, (page) =>
    rest.repos.listDeploymentStatuses({ ...of, deployment_id: id, per_page: 100, page }),
  );
  return all.map(({ state }) => state);
}

/** The newest state; undefined for one that never had any. */
export async function newestState(access: GithubAccess, id: number): Promise<string | undefined> {
  const { rest, of } = await restOf(access);
  const one = { ...of, deployment_id: id, per_page: 1 };
  return statuses.parse((await rest.repos.listDeploymentStatuses(one)).data)[0]?.state;
}

export async function setState(
  access: GithubAccess,
  id: number,
  wanted: NewStatus,
): Promise<string> {
  const { rest, of } = await restOf(access);
  const one = { ...of, deployment_id: id, ...wanted };
  return status.parse((await rest.repos.createDeploymentStatus(one)).data).state;
}

/**
 * Other deployments of the same place, page after page, the newest one first. Those that others
 * recorded for the environment, such as GitHub's own for a workflow's job, are left to them.
 */
export async function* otherDeployments(
  access: GithubAccess,
  one: Recorded,
  environment: string,
): AsyncGenerator<Recorded[]> {
  const { rest, of } = await restOf(access);
  const { place } = placeOf(one.key);
  for (let page = 1; page <= MAX_PAGES; page++) {
    const asked = { ...of, environment, per_page: PER_PAGE, page };
    const { data, headers } = await rest.repos.listDeployments(asked);
    yield recorded(deployments.parse(data))
      .filter(({ key, pipeline }) => pipeline === one.pipeline && placeOf(key).place === place)
      .filter(({ id }) => id !== one.id);
    if (!headers.link?.includes('rel="next"')) return;
  }
}

function recorded(all: z.output<typeof deployments>): Recorded[] {
  return all.flatMap((one) => {
    const { success, data } = payload.safeParse(one.payload);
    return success ? [{ id: one.id, ...data.sluice }] : [];
  });
}

function objectOf(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
