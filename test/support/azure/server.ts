import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { CloudRunner } from "../cloudRunner.ts";
import { webServer } from "../webServer.ts";
import { addRevision, lookAt, servingUrl, type AppState, type AppWorld } from "./apps.ts";
import type { Asked } from "./asked.ts";
import { entra, type Entra, type EntraApplication } from "./entra.ts";
import { takeFault, type Fault } from "./faults.ts";
import { ingressFront } from "./front.ts";
import type { ExecutionFate, JobState } from "./jobs.ts";
import { operations } from "./operations.ts";
import { ArmRefusal } from "./refusal.ts";
import { healthyFate, type RevisionFate } from "./revision.ts";
import { route } from "./routes.ts";
import { appShape, checked, jobShape } from "./shapes.ts";

/** What the stand-in is told. */
export interface AzureOptions {
  /** Lets what is deployed really run; without one, `fate` decides. */
  runner?: CloudRunner;
  /** What becomes of a revision; default: it gets healthy. */
  fate?: (app: string, image: string) => RevisionFate;
  /** How a job's execution ends; default: it succeeds. */
  execution?: (job: string, image: string) => ExecutionFate;
}

/** An app to begin with. */
export interface NewApp {
  name: string;
  image: string;
  mode?: "Single" | "Multiple";
  /** Default 8080; 0: no ingress. */
  port?: number;
  /** Merged into what the app would be. */
  more?: object;
}

/** A stand-in for Azure's Resource Manager and Entra ID, on this machine's loopback. */
export interface Azure extends EntraApplication {
  /** The endpoint of both. */
  url: string;
  subscription: string;
  group: string;
  entra: Entra;
  apps: Map<string, AppState>;
  jobs: Map<string, JobState>;
  world: AppWorld;
  /** What the application may do, by its roles; undefined: it may not know. */
  roles: { actions: string[]; notActions: string[] }[] | undefined;
  /** `PATCH containerApps/shop-api`, in the order that they came; tokens and operations apart. */
  requests: string[];
  /** Answers in the place of the next matching requests. */
  faults: Fault[];
  /** Adds an app whose first revision is healthy and serves. Answers the URL of its ingress. */
  addApp(app: NewApp): Promise<string>;
  addJob(job: { name: string; image: string; more?: object }): void;
}

const NAMES = {
  tenant: "0b2f6c7e-1111-4c6e-9d4e-000000000001",
  client: "0b2f6c7e-2222-4c6e-9d4e-000000000002",
  secret: "azure-client-secret",
  assertion: "ci-token-of-the-workflow",
  subscription: "0b2f6c7e-3333-4c6e-9d4e-000000000003",
  group: "rg-shop",
};

/** Serves the documented endpoints that a deployment needs until the test ends; all else is refused. */
export async function azureServer(options: AzureOptions = {}): Promise<Azure> {
  const world: AppWorld = { fate: options.fate ?? (() => healthyFate), runner: options.runner };
  const azure: Azure = {
    ...NAMES,
    url: "",
    entra: entra(NAMES, () => `${azure.url}/.default`),
    ...{ apps: new Map(), jobs: new Map(), requests: [], faults: [], world },
    roles: [{ actions: ["Microsoft.App/*/read", "Microsoft.App/*"], notActions: [] }],
    addApp: (app) => addApp(azure, world, app),
    addJob: ({ name, image, more = {} }) => {
      const resource = {
        properties: {
          environmentId: environmentId(azure),
          configuration: { triggerType: "Manual", replicaTimeout: 600 },
          template: { containers: [{ name: "migrate", image, ...more }] },
        },
      };
      azure.jobs.set(name, { name, resource: checked(jobShape, resource), executions: [] });
    },
  };
  const state = {
    ...{ azure, world, operations: operations(), logTokens: new Map<string, string>() },
    execution: options.execution ?? (() => "Succeeded" as const),
  };
  const port = await webServer((request, response) => {
    void serve(state, request, response);
  });
  azure.url = `http://127.0.0.1:${port}`;
  return azure;
}

type ServerState = Pick<Asked, "azure" | "world" | "operations" | "logTokens" | "execution">;

async function serve(state: ServerState, request: IncomingMessage, response: ServerResponse) {
  const { azure } = state;
  try {
    const url = new URL(request.url ?? "/", azure.url);
    const body = await text(request);
    const asked: Asked = {
      ...state,
      ...{ method: request.method ?? "", url, body },
      authorization: request.headers.authorization,
    };
    const fault = takeFault(azure.faults, asked);
    if (fault?.applied === false) throw fault.refusal;
    const answer = await route(asked);
    if (fault) throw fault.refusal;
    const type = typeof answer.body === "string" ? "text/plain" : "application/json";
    response
      .writeHead(answer.status, { "content-type": `${type}; charset=utf-8`, ...answer.headers })
      .end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  } catch (error) {
    const refusal =
      error instanceof ArmRefusal
        ? error
        : new ArmRefusal(500, "InternalServerError", String(error));
    response
      .writeHead(refusal.status, { "content-type": "application/json", ...refusal.headers })
      .end(JSON.stringify(refusal.body));
  }
}

async function addApp(
  azure: Azure,
  world: AppWorld,
  { name, image, mode = "Single", port = 8080, more = {} }: NewApp,
): Promise<string> {
  const traffic = [{ latestRevision: true, weight: 100 }];
  const resource = checked(appShape, {
    location: "North Europe",
    properties: {
      environmentId: environmentId(azure),
      configuration: {
        activeRevisionsMode: mode,
        ...(port === 0 ? {} : { ingress: { external: true, targetPort: port, traffic } }),
      },
      template: { containers: [{ name, image, ...more }] },
    },
  });
  const app: AppState = { name, resource, revisions: [], latestReady: undefined, fqdn: undefined };
  azure.apps.set(name, app);
  if (port !== 0) app.fqdn = await ingressFront(() => servingUrl(app));
  const first = await addRevision({ ...world, fate: () => healthyFate }, app);
  first.starting = 0;
  await lookAt(world, app, first);
  app.latestReady ??= first.name;
  return `http://${app.fqdn ?? ""}`;
}

function environmentId({ subscription, group }: Azure): string {
  return `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.App/managedEnvironments/shop`;
}
