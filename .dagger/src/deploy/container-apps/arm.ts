import type { z } from "zod";
import { firstLine, SluiceError } from "../../error.ts";
import type { Connection } from "./connect.ts";
import { armFailure } from "./failure.ts";
import {
  appShape,
  executionShape,
  jobShape,
  logTokenShape,
  replicasShape,
  revisionShape,
  type App,
  type Execution,
  type Job,
  type Replica,
  type Revision,
} from "./model.ts";
import { permissionsShape, type Permissions } from "./permissions.ts";

/** What is merged into an app or a job: arrays in it replace those that there are. */
export interface MergePatch {
  /** Where an app is; a job's patch has none. */
  location?: string;
  properties: object;
}

/** An operation that Azure has accepted. */
export interface Operation {
  /**
   * Settles when Azure calls it ended, which does not mean that anything runs.
   *
   * @throws SluiceError `CONTAINER_APPS_OPERATION_FAILED`, and those of requests
   */
  ended(signal: AbortSignal): Promise<void>;
}

/** What of Azure's Resource Manager a deployment needs, for one resource group. */
export interface Arm {
  app(name: string): Promise<App>;
  patchApp(name: string, patch: MergePatch): Promise<Operation>;
  /** Names of all revisions, those included that are not active. */
  revisionNames(app: string): Promise<string[]>;
  /** Undefined while there is none of that name. */
  revision(app: string, name: string): Promise<Revision | undefined>;
  replicas(app: string, revision: string): Promise<Replica[]>;
  activate(app: string, revision: string): Promise<void>;
  deactivate(app: string, revision: string): Promise<void>;
  /** A token for the app's logs. */
  logToken(app: string): Promise<string>;
  job(name: string): Promise<Job>;
  patchJob(name: string, patch: MergePatch): Promise<Operation>;
  /** Answers the name of the execution; undefined when Azure didn't tell it. */
  startJob(name: string): Promise<string | undefined>;
  executionNames(job: string): Promise<string[]>;
  execution(job: string, name: string): Promise<Execution>;
  stopExecution(job: string, name: string): Promise<void>;
  /** What the application may do with an app or a job; undefined when it may not know. */
  permissions(kind: "containerApps" | "jobs", name: string): Promise<Permissions | undefined>;
}

/** Options of a call of the client, as far as they are needed. */
interface CallOptions {
  onResponse: (response: { bodyAsText?: string | null }) => void;
}

/** The client behind the port; every failure is a typed error that names what was asked about. */
export function armOf(
  { client, bodies, get }: Connection,
  { group, subscription, pollMs }: { group: string; subscription: string; pollMs: number },
  scrub: (text: string) => string,
): Arm {
  const apps = client.containerApps;
  const revisions = client.containerAppsRevisions;
  const base = `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.App`;
  const where = `in resource group ${group}`;

  const about = async <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (error) {
      throw armFailure(error, `${what} ${where}`, scrub);
    }
  };

  /** The very answer: the client's models leave out what they don't know. */
  const read = <S extends z.ZodType>(
    what: string,
    shape: S,
    ask: (options: CallOptions) => Promise<unknown>,
  ) =>
    about(what, async () => {
      let body: string | null | undefined;
      await ask({ onResponse: ({ bodyAsText }) => (body = bodyAsText) });
      return parsed(shape, body, what);
    });

  const patch = (
    what: string,
    path: string,
    body: MergePatch,
    send: () => Promise<{
      pollUntilDone: (options: { abortSignal: AbortSignal }) => Promise<unknown>;
    }>,
  ): Promise<Operation> =>
    about(what, async () => {
      const resource = `${base}/${path}`;
      bodies.set(resource, JSON.stringify(body));
      try {
        const poller = await send();
        return {
          ended: (signal) =>
            about(what, async () => {
              try {
                await poller.pollUntilDone({ abortSignal: signal });
              } catch (error) {
                throw operationFailed(error, what, scrub) ?? error;
              }
            }),
        };
      } finally {
        bodies.delete(resource);
      }
    });

  const often = { updateIntervalInMs: pollMs };
  return {
    app: (name) => read(`app ${name}`, appShape, (options) => apps.get(group, name, options)),
    patchApp: (name, body) =>
      patch(`app ${name}`, `containerApps/${name}`, body, () =>
        apps.beginUpdate(group, name, { location: body.location ?? "" }, often),
      ),
    revisionNames: (app) =>
      about(`revisions of app ${app}`, () => namesOf(revisions.listRevisions(group, app))),
    revision: (app, name) =>
      read(`revision ${name} of app ${app}`, revisionShape, (options) =>
        revisions.getRevision(group, app, name, options),
      ).catch(missing),
    replicas: async (app, revision) =>
      (
        await read(`replicas of revision ${revision}`, replicasShape, (options) =>
          client.containerAppsRevisionReplicas.listReplicas(group, app, revision, options),
        )
      ).value,
    activate: (app, revision) =>
      about(`revision ${revision} of app ${app}`, async () => {
        await revisions.activateRevision(group, app, revision);
      }),
    deactivate: (app, revision) =>
      about(`revision ${revision} of app ${app}`, async () => {
        await revisions.deactivateRevision(group, app, revision);
      }),
    logToken: async (app) =>
      (
        await read(`the logs of app ${app}`, logTokenShape, (options) =>
          apps.getAuthToken(group, app, options),
        )
      ).properties.token,
    job: (name) =>
      read(`job ${name}`, jobShape, (options) => client.jobs.get(group, name, options)),
    patchJob: (name, body) =>
      patch(`job ${name}`, `jobs/${name}`, body, () =>
        client.jobs.beginUpdate(group, name, {}, often),
      ),
    startJob: (name) =>
      about(
        `job ${name}`,
        async () => (await client.jobs.beginStartAndWait(group, name, often)).name,
      ),
    executionNames: (job) =>
      about(`executions of job ${job}`, () => namesOf(client.jobsExecutions.list(group, job))),
    execution: (job, name) =>
      read(`execution ${name} of job ${job}`, executionShape, (options) =>
        client.jobExecution(group, job, name, options),
      ),
    stopExecution: (job, name) =>
      about(`execution ${name} of job ${job}`, () =>
        client.jobs.beginStopExecutionAndWait(group, job, name, often),
      ),
    permissions: (kind, name) =>
      about(`permissions on ${name}`, async () => {
        const query = "api-version=2022-04-01";
        const answer = await get(
          `${base}/${kind}/${name}/providers/Microsoft.Authorization/permissions?${query}`,
        );
        // Who may deploy need not be allowed to ask what it may do: then it is seen on the way.
        if (!answer.ok) return undefined;
        return parsed(permissionsShape, await answer.text(), `permissions on ${name}`).value;
      }),
  };
}

function parsed<S extends z.ZodType>(shape: S, body: string | null | undefined, what: string) {
  try {
    return shape.parse(JSON.parse(body ?? ""));
  } catch (cause) {
    throw new SluiceError(
      "CONTAINER_APPS_ANSWER_INVALID",
      `${what}: the answer is not what the Container Apps API documents`,
      { hint: "check the target's endpoint in the pipeline file", cause },
    );
  }
}

async function namesOf(items: AsyncIterable<{ name?: string }>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of items) if (name !== undefined) names.push(name);
  return names;
}

/** A revision that has only just been asked for is not to be seen at once. */
function missing(error: unknown): undefined {
  if (error instanceof SluiceError && error.code === "CONTAINER_APPS_NOT_FOUND") return undefined;
  throw error;
}

/** What the client says of an operation that was accepted, and ended otherwise than well. */
const ENDED_BADLY = /^The long-running operation has (?:failed|been canceled)\.?\s*/;

function operationFailed(
  error: unknown,
  what: string,
  scrub: (text: string) => string,
): SluiceError | undefined {
  const said = firstLine(error);
  if (!ENDED_BADLY.test(said)) return undefined;
  return new SluiceError(
    "CONTAINER_APPS_OPERATION_FAILED",
    `Azure did not carry out the change of ${what}: ${scrub(said.replace(ENDED_BADLY, "") || said)}`,
    { hint: "correct what the message names, and run the deployment again", cause: error },
  );
}
