import { z } from "zod";

/** Environment variable of a container; what else it says is kept. */
const variable = z.looseObject({ name: z.string() });

/** A container as Azure says it; what else it says is kept, and sent back. */
const container = z.looseObject({
  name: z.string(),
  image: z.string(),
  env: z.array(variable).nullish(),
});
export type AppContainer = z.infer<typeof container>;

const template = z.looseObject({
  containers: z.array(container).min(1),
  revisionSuffix: z.string().nullish(),
});

const traffic = z.looseObject({
  revisionName: z.string().nullish(),
  latestRevision: z.boolean().nullish(),
  weight: z.number().nullish(),
  label: z.string().nullish(),
});
export type Traffic = z.infer<typeof traffic>;

/** What is read of an app. */
export const appShape = z.object({
  name: z.string(),
  location: z.string(),
  properties: z.object({
    latestRevisionName: z.string().nullish(),
    latestReadyRevisionName: z.string().nullish(),
    configuration: z.object({
      activeRevisionsMode: z.string().nullish(),
      ingress: z.object({ traffic: z.array(traffic).nullish() }).nullish(),
    }),
    template,
  }),
});
export type App = z.infer<typeof appShape>;

/** What is read of a revision. */
export const revisionShape = z.object({
  name: z.string(),
  properties: z.object({
    active: z.boolean(),
    replicas: z.number().nullish(),
    healthState: z.string().nullish(),
    provisioningState: z.string().nullish(),
    provisioningError: z.string().nullish(),
    runningState: z.string().nullish(),
    runningStateDetails: z.string().nullish(),
    template: z.object({ containers: z.array(container) }),
  }),
});
export type Revision = z.infer<typeof revisionShape>;

const replica = z.object({
  name: z.string(),
  properties: z.object({
    runningState: z.string().nullish(),
    runningStateDetails: z.string().nullish(),
    containers: z
      .array(
        z.object({
          name: z.string(),
          ready: z.boolean().nullish(),
          restartCount: z.number().nullish(),
          runningState: z.string().nullish(),
          runningStateDetails: z.string().nullish(),
          logStreamEndpoint: z.string().nullish(),
        }),
      )
      .nullish(),
  }),
});
export type Replica = z.infer<typeof replica>;
export const replicasShape = z.object({ value: z.array(replica) });

/** What is read of a job. */
export const jobShape = z.object({
  name: z.string(),
  location: z.string(),
  properties: z.object({ template: z.looseObject({ containers: z.array(container).min(1) }) }),
});
export type Job = z.infer<typeof jobShape>;

/** What is read of a run of a job. */
export const executionShape = z.object({
  name: z.string(),
  properties: z.object({
    status: z.string(),
    startTime: z.string().nullish(),
    endTime: z.string().nullish(),
  }),
});
export type Execution = z.infer<typeof executionShape>;

/** A token for the logs of an app. */
export const logTokenShape = z.object({ properties: z.object({ token: z.string() }) });
