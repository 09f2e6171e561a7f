import { z } from "zod";
import { ArmRefusal } from "./refusal.ts";

/** The fields that the Container Apps API documents for what is written: all others are refused. */
const env = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  secretRef: z.string().optional(),
});

const initContainer = z.strictObject({
  image: z.string(),
  name: z.string(),
  command: z.array(z.string()).nullish(),
  args: z.array(z.string()).nullish(),
  env: z.array(env).nullish(),
  resources: z
    .strictObject({
      cpu: z.number(),
      memory: z.string(),
      ephemeralStorage: z.string().optional(),
    })
    .nullish(),
  volumeMounts: z
    .array(
      z.strictObject({
        volumeName: z.string(),
        mountPath: z.string(),
        subPath: z.string().optional(),
      }),
    )
    .nullish(),
  // Azure answers it, and the newest published client doesn't know it.
  imageType: z.string().optional(),
});

const httpGet = z.strictObject({
  path: z.string(),
  port: z.int(),
  host: z.string().optional(),
  scheme: z.enum(["HTTP", "HTTPS"]).optional(),
  httpHeaders: z.array(z.strictObject({ name: z.string(), value: z.string() })).optional(),
});

const container = initContainer.extend({
  probes: z
    .array(
      z.strictObject({
        type: z.enum(["Liveness", "Readiness", "Startup"]),
        httpGet: httpGet.optional(),
        tcpSocket: z.strictObject({ port: z.int(), host: z.string().optional() }).optional(),
        initialDelaySeconds: z.int().optional(),
        periodSeconds: z.int().optional(),
        timeoutSeconds: z.int().optional(),
        successThreshold: z.int().optional(),
        failureThreshold: z.int().optional(),
        terminationGracePeriodSeconds: z.int().optional(),
      }),
    )
    .nullish(),
});
export type ContainerState = z.infer<typeof container>;

const traffic = z.strictObject({
  revisionName: z.string().optional(),
  weight: z.int().min(0).max(100).optional(),
  latestRevision: z.boolean().optional(),
  label: z.string().optional(),
});
export type TrafficState = z.infer<typeof traffic>;

const jobTemplate = z.strictObject({
  initContainers: z.array(initContainer).nullish(),
  containers: z.array(container).min(1),
  volumes: z.array(z.looseObject({ name: z.string() })).nullish(),
});

const template = jobTemplate.extend({
  revisionSuffix: z
    .string()
    .regex(/^$|^[a-z](?:-?[a-z0-9])*$/)
    .optional(),
  terminationGracePeriodSeconds: z.int().nullish(),
  scale: z
    .strictObject({
      minReplicas: z.int().nullish(),
      maxReplicas: z.int().nullish(),
      cooldownPeriod: z.int().nullish(),
      pollingInterval: z.int().nullish(),
      rules: z.array(z.looseObject({ name: z.string() })).nullish(),
    })
    .nullish(),
  serviceBinds: z.array(z.looseObject({ serviceId: z.string() })).nullish(),
});
export type TemplateState = z.infer<typeof template>;

const ingress = z.strictObject({
  external: z.boolean(),
  targetPort: z.int(),
  exposedPort: z.int().optional(),
  transport: z.enum(["auto", "http", "http2", "tcp"]).optional(),
  traffic: z.array(traffic).optional(),
  allowInsecure: z.boolean().optional(),
  customDomains: z.array(z.looseObject({ name: z.string() })).nullish(),
  stickySessions: z.looseObject({ affinity: z.string() }).nullish(),
  ipSecurityRestrictions: z.array(z.looseObject({ name: z.string() })).nullish(),
});

const configuration = z.strictObject({
  activeRevisionsMode: z.enum(["Single", "Multiple"]),
  ingress: ingress.nullish(),
  secrets: z.array(z.strictObject({ name: z.string(), value: z.string().optional() })).nullish(),
  registries: z
    .array(
      z.strictObject({
        server: z.string(),
        username: z.string().optional(),
        passwordSecretRef: z.string().optional(),
        identity: z.string().optional(),
      }),
    )
    .nullish(),
  dapr: z.looseObject({}).nullish(),
  maxInactiveRevisions: z.int().nullish(),
});

const resource = {
  tags: z.record(z.string(), z.string()).optional(),
  identity: z.looseObject({ type: z.string() }).optional(),
};

/** An app, as it is written and kept. */
export const appShape = z.strictObject({
  ...resource,
  location: z.string(),
  properties: z.strictObject({
    environmentId: z.string(),
    workloadProfileName: z.string().nullish(),
    configuration,
    template,
  }),
});
export type AppResource = z.infer<typeof appShape>;

/** A job, likewise; a patch of one has no location. */
export const jobShape = z.strictObject({
  ...resource,
  properties: z.strictObject({
    environmentId: z.string(),
    configuration: z.looseObject({ triggerType: z.string(), replicaTimeout: z.int() }),
    template: jobTemplate,
  }),
});
export type JobResource = z.infer<typeof jobShape>;

/** What is written, merged already; or the refusal that names what is wrong with it. */
export function checked<S extends z.ZodType>(shape: S, value: unknown): z.infer<S> {
  const { success, data, error } = shape.safeParse(value);
  if (success) return data;
  const said = error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  throw new ArmRefusal(400, "InvalidRequestContent", `The request content was invalid: ${said}`);
}
