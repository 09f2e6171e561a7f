import { randomUUID } from "node:crypto";
import { appAnswer, replicaAnswer, revisionAnswer } from "./app-answers.ts";
import {
  activateRevision,
  endRevision,
  lookAt,
  patchApp,
  type AppState,
  type AppWorld,
} from "./apps.ts";
import { nameOf } from "./faults.ts";
import { executionAnswer, jobAnswer, patchJob, startJob, type ExecutionFate } from "./jobs.ts";
import type { Operations } from "./operations.ts";
import { ArmRefusal } from "./refusal.ts";
import type { RevisionState } from "./revision.ts";
import type { Azure } from "./server.ts";

const API_VERSION = "2025-07-01";
/** Small, so that a few revisions make pages. */
const PER_PAGE = 2;

/** A request, and what it is asked of. */
export interface Asked {
  method: string;
  url: URL;
  body: string;
  authorization: string | undefined;
  azure: Azure;
  world: AppWorld;
  operations: Operations;
  /** App by token for its logs. */
  logTokens: Map<string, string>;
  execution: (job: string, image: string) => ExecutionFate;
}

export interface Answer {
  status: number;
  body?: object | string;
  headers?: Record<string, string>;
}

/** What the documented endpoints answer. */
export async function route(asked: Asked): Promise<Answer> {
  const { method, url, azure } = asked;
  const [, tenant, endpoint] =
    /^\/([^/]+)\/(v2\.0\/\.well-known\/openid-configuration|oauth2\/v2\.0\/token)$/.exec(
      url.pathname,
    ) ?? [];
  if (tenant !== undefined) return signInAnswer(asked, tenant, endpoint ?? "");
  if (url.pathname.endsWith("/logstream")) return logAnswer(asked);
  authorize(asked);
  const version = url.searchParams.get("api-version");
  if (version !== API_VERSION) {
    throw version === null
      ? new ArmRefusal(
          400,
          "MissingApiVersionParameter",
          "The api-version query parameter (?api-version=) is required for all requests.",
        )
      : new ArmRefusal(
          400,
          "NoRegisteredProviderFound",
          `No registered resource provider found for API version '${version}'. The supported api-versions are '${API_VERSION}'.`,
        );
  }
  const operation = /\/containerapp(OperationStatuses|OperationResults)\/([^/]+)$/.exec(
    url.pathname,
  );
  if (operation) return operationAnswer(asked, operation[1] ?? "", operation[2] ?? "");
  const [, subscription, group, kind, name, rest = ""] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\/providers\/Microsoft\.App\/(containerApps|jobs)\/([^/]+)(?:\/(.+))?$/.exec(
      url.pathname,
    ) ?? [];
  azure.requests.push(nameOf(asked) ?? `${method} ${url.pathname}`);
  if (subscription !== azure.subscription) {
    throw new ArmRefusal(
      404,
      "SubscriptionNotFound",
      `The subscription '${subscription ?? ""}' could not be found.`,
    );
  }
  if (group !== azure.group) {
    throw new ArmRefusal(
      404,
      "ResourceGroupNotFound",
      `Resource group '${group ?? ""}' could not be found.`,
    );
  }
  const steps = [method, ...rest.split("/").filter((step) => step !== "")];
  return kind === "containerApps"
    ? appRoute(asked, found(asked, azure.apps, name ?? "", kind), steps)
    : jobRoute(asked, name ?? "", steps);
}

function signInAnswer({ azure, method, body }: Asked, tenant: string, endpoint: string): Answer {
  // The client of Microsoft's identity service takes no other than https for an authority.
  const base = `${azure.url.replace(/^http:/, "https:")}/${tenant}`;
  if (endpoint.endsWith("openid-configuration")) {
    return {
      status: 200,
      body: {
        issuer: `${base}/v2.0`,
        authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
        token_endpoint: `${base}/oauth2/v2.0/token`,
        jwks_uri: `${base}/discovery/v2.0/keys`,
      },
    };
  }
  if (method !== "POST") return { status: 405, body: { error: "invalid_request" } };
  return azure.entra.answer(tenant, new URLSearchParams(body));
}

function authorize({ azure, authorization }: Asked): void {
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1];
  if (token !== undefined && azure.entra.accepts(token)) return;
  throw token === undefined
    ? new ArmRefusal(
        401,
        "AuthenticationFailed",
        "Authentication failed. The 'Authorization' header is missing.",
        { "www-authenticate": 'Bearer error="invalid_token"' },
      )
    : new ArmRefusal(
        401,
        "ExpiredAuthenticationToken",
        "The access token expiry UTC time is earlier than current UTC time.",
        {
          "www-authenticate": 'Bearer error="invalid_token"',
        },
      );
}

function found<T>({ azure }: Asked, all: Map<string, T>, name: string, kind: string): T {
  const one = all.get(name);
  if (one) return one;
  throw new ArmRefusal(
    404,
    "ResourceNotFound",
    `The Resource 'Microsoft.App/${kind}/${name}' under resource group '${azure.group}' was not found.`,
  );
}

async function appRoute(asked: Asked, app: AppState, steps: string[]): Promise<Answer> {
  const { azure, world, url, operations } = asked;
  const id = url.pathname;
  const [method, revisions, name, action] = steps;
  const key = [method, revisions ?? "", name === undefined ? "" : "{}", action ?? ""]
    .join(" ")
    .trimEnd();
  switch (key) {
    case "GET":
      return { status: 200, body: appAnswer(id, app) };
    case "PATCH": {
      operations.refuseWhileBusy(app.name);
      const revision = await patchApp(world, app, JSON.parse(asked.body));
      const failed = revision?.fate.provisioningState === "Failed" ? revision.fate : undefined;
      return accepted(asked, {
        ...{ resource: app.name, left: 1, result: appAnswer(id, app) },
        end: failed
          ? {
              status: "Failed",
              code: "ContainerAppOperationError",
              message: `Failed to provision revision for container app '${app.name}'. Error details: ${failed.provisioningError ?? ""}`,
            }
          : { status: "Succeeded" },
      });
    }
    case "POST getAuthtoken": {
      const token = `logs-${randomUUID()}`;
      asked.logTokens.set(token, app.name);
      const expires = new Date(Date.now() + 3_600_000).toISOString();
      const location = app.resource.location;
      return {
        status: 200,
        body: { id, name: app.name, location, properties: { token, expires } },
      };
    }
    case "GET revisions":
      return page(url, app.revisions.toReversed(), (revision) =>
        revisionAnswer(`${id}/${revision.name}`, app, revision, undefined),
      );
  }
  const revision = revisionOf(app, name ?? "");
  switch (key) {
    case "GET revisions {}": {
      const fate = await lookAt(world, app, revision);
      return { status: 200, body: revisionAnswer(id, app, revision, fate) };
    }
    case "GET revisions {} replicas": {
      const fate = revision.starting > 0 ? undefined : await lookAt(world, app, revision);
      const stream = (container: string) =>
        `${azure.url}${id}/${revision.name}/containers/${container}/logstream`;
      const value = revision.active ? [replicaAnswer(id, stream, revision, fate)] : [];
      return { status: 200, body: { value } };
    }
    case "POST revisions {} activate":
      await activateRevision(world, app, revision);
      return { status: 200 };
    case "POST revisions {} deactivate":
      await endRevision(world, revision);
      return { status: 200 };
  }
  throw unknown(asked);
}

function revisionOf(app: AppState, name: string): RevisionState {
  const revision = app.revisions.find((each) => each.name === name);
  if (revision) return revision;
  throw new ArmRefusal(404, "RevisionNotFound", `Revision '${name}' was not found.`);
}

function jobRoute(asked: Asked, name: string, steps: string[]): Answer {
  const { azure, url, execution, operations } = asked;
  const job = found(asked, azure.jobs, name, "jobs");
  const id = url.pathname;
  const [method, part, which, action] = steps;
  if (part === undefined && method === "GET") return { status: 200, body: jobAnswer(id, job) };
  if (part === undefined && method === "PATCH") {
    operations.refuseWhileBusy(name);
    patchJob(job, JSON.parse(asked.body));
    const end = { status: "Succeeded" as const };
    return accepted(asked, { resource: name, left: 1, result: jobAnswer(id, job), end });
  }
  if (part === "start" && method === "POST") {
    const started = startJob(job, (image) => execution(name, image));
    const result = {
      id: `${id.replace(/start$/, "executions")}/${started.name}`,
      name: started.name,
    };
    return accepted(asked, { resource: undefined, left: 1, result, end: { status: "Succeeded" } });
  }
  if (part === "executions" && which === undefined && method === "GET") {
    return page(url, job.executions.toReversed(), (each) => ({
      ...{ id: `${id}/${each.name}`, name: each.name, properties: { status: each.fate } },
    }));
  }
  const one = job.executions.find((each) => each.name === which);
  if (part !== "executions" || !one) throw unknown(asked);
  if (action === undefined && method === "GET")
    return { status: 200, body: executionAnswer(id, one) };
  if (action === "stop" && method === "POST") {
    Object.assign(one, { fate: "Stopped", running: 0 });
    return accepted(asked, {
      ...{ resource: undefined, left: 0, result: undefined, end: { status: "Succeeded" } },
    });
  }
  throw unknown(asked);
}

function unknown({ method, url }: Asked): ArmRefusal {
  return new ArmRefusal(404, "InvalidResource", `${method} ${url.pathname} is not served.`);
}

/** Azure answers later: at the operation's own address, and at its result's. */
function accepted(
  { azure, operations }: Asked,
  operation: Parameters<Operations["begin"]>[0],
): Answer {
  const { id } = operations.begin(operation);
  const base = `${azure.url}/subscriptions/${azure.subscription}/providers/Microsoft.App/locations/northeurope`;
  const query = `?api-version=${API_VERSION}&azureAsyncOperation=true`;
  return {
    status: 202,
    headers: {
      "retry-after": "0",
      location: `${base}/containerappOperationResults/${id}?api-version=${API_VERSION}`,
      "azure-asyncoperation": `${base}/containerappOperationStatuses/${id}${query}`,
    },
  };
}

function operationAnswer({ operations, url }: Asked, kind: string, id: string): Answer {
  const { inProgress, end, result } = operations.look(id);
  const headers = { "retry-after": "0" };
  if (kind === "OperationResults") {
    return inProgress
      ? { status: 202, headers: { ...headers, location: url.href } }
      : { status: 200, body: result ?? {} };
  }
  const { status, code, message } = end;
  const error = status === "Failed" ? { error: { code, message } } : {};
  const body = inProgress
    ? { id, name: id, status: "InProgress" }
    : { id, name: id, status, ...error };
  return { status: 200, body, headers };
}

function page<T>(url: URL, all: readonly T[], answer: (one: T) => object): Answer {
  const skip = Number(url.searchParams.get("$skipToken") ?? "0");
  const next = new URL(url);
  next.searchParams.set("$skipToken", String(skip + PER_PAGE));
  const value = all.slice(skip, skip + PER_PAGE).map(answer);
  const more = skip + PER_PAGE < all.length ? { nextLink: next.href } : {};
  return { status: 200, body: { value, ...more } };
}

async function logAnswer({ azure, url, authorization, logTokens, world }: Asked): Promise<Answer> {
  const [, name, revisionName] =
    /\/containerApps\/([^/]+)\/revisions\/([^/]+)\//.exec(url.pathname) ?? [];
  const token = /^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? "";
  const app = azure.apps.get(name ?? "");
  const revision = app?.revisions.find((each) => each.name === revisionName);
  if (logTokens.get(token) !== name) return { status: 401, body: "" };
  if (!revision || url.searchParams.get("follow") !== "false") return { status: 404, body: "" };
  const body = world.runner ? await world.runner.logs(revision.name) : revision.fate.log;
  return { status: 200, body };
}
