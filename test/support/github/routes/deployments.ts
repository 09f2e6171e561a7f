import { invalid, notFound, type Call, type Reply, type Routes } from "../call.ts";
import { at, nodeId, shown, times, userOf } from "../present.ts";
import { commitOf, type Deployment, type DeploymentStatus } from "../state.ts";

interface NewDeployment {
  ref: string;
  task?: string;
  payload?: object | string;
  environment?: string;
  description?: string | null;
  production_environment?: boolean;
  required_contexts?: string[];
}

interface NewStatus {
  state: string;
  description?: string;
  log_url?: string;
  environment_url?: string;
  auto_inactive?: boolean;
}

/** Deployments and their statuses. */
export const deployments: Routes = {
  "repos/list-deployments": (call) => {
    const { sha, ref, task, environment } = call.query;
    const items = call.state.deployments
      .filter((one) => sha === undefined || one.sha === sha)
      .filter((one) => ref === undefined || one.ref === ref)
      .filter((one) => task === undefined || one.task === task)
      .filter((one) => environment === undefined || one.environment === environment)
      .sort((one, other) => other.id - one.id);
    return { items: items.map((one) => deploymentShown(call, one)) };
  },
  "repos/create-deployment": (call) => created(call, call.body as unknown as NewDeployment),
  "repos/list-deployment-statuses": (call) =>
    ofDeployment(call, (one) => ({
      items: [...one.statuses].reverse().map((status) => statusShown(call, one, status)),
    })),
  "repos/create-deployment-status": (call) =>
    ofDeployment(call, (one) => {
      const { state, description = "", ...rest } = call.body as unknown as NewStatus;
      if (description.length > 140) {
        return invalid("Validation Failed", { field: "description", code: "too_long" });
      }
      const status = {
        id: call.next(),
        state,
        description,
        log_url: rest.log_url ?? "",
        environment_url: rest.environment_url ?? "",
        by: call.actor,
        at: call.now(),
      };
      one.statuses.push(status);
      if (state === "success" && rest.auto_inactive !== false) deactivateOthers(call, one);
      return { status: 201, body: statusShown(call, one, status) };
    }),
};

function created(call: Call, wanted: NewDeployment): Reply {
  const { state, actor } = call;
  const sha = commitOf(state, wanted.ref);
  if (sha === undefined) return invalid(`No ref found for: ${wanted.ref}`);
  const statuses = state.statuses.get(sha) ?? [];
  if (wanted.required_contexts === undefined && statuses.some((one) => one.state !== "success")) {
    return { status: 409, body: { message: "Conflict: Commit status checks failed." } };
  }
  const environment = wanted.environment ?? "production";
  const one: Deployment = {
    id: call.next(),
    sha,
    ref: wanted.ref,
    task: wanted.task ?? "deploy",
    payload: wanted.payload ?? "",
    environment,
    description: wanted.description ?? "",
    production_environment: wanted.production_environment ?? environment === "production",
    by: actor,
    at: call.now(),
    statuses: [],
  };
  state.deployments.push(one);
  return { status: 201, body: deploymentShown(call, one) };
}

/** As GitHub does it: of environments that aren't production. */
function deactivateOthers({ state, actor, next, now }: Call, one: Deployment): void {
  for (const other of state.deployments) {
    const same = other.environment === one.environment && other.id < one.id;
    if (!same || other.production_environment) continue;
    other.statuses.push({
      ...{ id: next(), state: "inactive", by: actor, at: now() },
      ...{ description: "", log_url: "", environment_url: "" },
    });
  }
}

function ofDeployment(call: Call, then: (one: Deployment) => Reply): Reply {
  const id = Number(call.params.deployment_id);
  const one = call.state.deployments.find((deployment) => deployment.id === id);
  return one ? then(one) : notFound;
}

function deploymentShown(call: Call, one: Deployment): object {
  const { id, sha, ref, task, payload, environment, description, production_environment } = one;
  return shown("deployment-simple-example", {
    ...{ id, sha, ref, task, payload, environment, description, production_environment },
    ...times(one.at),
    node_id: nodeId("Deployment", id),
    original_environment: environment,
    creator: userOf(one.by),
    url: at(call, `deployments/${id}`),
    statuses_url: at(call, `deployments/${id}/statuses`),
    repository_url: call.url,
  });
}

function statusShown(
  call: Call,
  { id: of, environment }: Deployment,
  one: DeploymentStatus,
): object {
  const { id, state, description, log_url, environment_url } = one;
  return shown("deployment-status", {
    ...{ id, state, description, environment, log_url, environment_url, target_url: log_url },
    ...times(one.at),
    node_id: nodeId("DeploymentStatus", id),
    creator: userOf(one.by),
    url: at(call, `deployments/${of}/statuses/${id}`),
    deployment_url: at(call, `deployments/${of}`),
    repository_url: call.url,
  });
}
