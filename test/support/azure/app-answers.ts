import type { AppState } from "./apps.ts";
import { weightOf } from "./apps.ts";
import type { RevisionFate, RevisionState } from "./revision.ts";

/** An app as Azure answers it. Secrets have no values, and what is unset is null. */
export function appAnswer(id: string, { name, resource, revisions, latestReady, fqdn }: AppState) {
  const { configuration, template, ...rest } = resource.properties;
  const { secrets, ingress } = configuration;
  return {
    ...resource,
    ...{ id, name, type: "Microsoft.App/containerApps" },
    properties: {
      ...rest,
      ...{ provisioningState: "Succeeded", runningStatus: "Running" },
      latestRevisionName: revisions.at(-1)?.name,
      latestReadyRevisionName: latestReady ?? null,
      configuration: {
        ...configuration,
        dapr: configuration.dapr ?? null,
        ingress: ingress
          ? { ...ingress, fqdn, customDomains: ingress.customDomains ?? null }
          : null,
        secrets: secrets?.map((secret) => ({ name: secret.name })) ?? null,
      },
      template,
    },
  };
}

/** A revision as Azure answers it; without a fate it still starts. */
export function revisionAnswer(
  id: string,
  app: AppState,
  revision: RevisionState,
  fate: RevisionFate | undefined,
) {
  const { active, createdTime, template, name } = revision;
  return {
    ...{ id, name, type: "Microsoft.App/containerapps/revisions" },
    properties: {
      ...{ createdTime, active, template, replicas: active ? 1 : 0 },
      trafficWeight: weightOf(app, name),
      healthState: fate?.healthState ?? "None",
      provisioningState: fate?.provisioningState ?? "Provisioning",
      ...(fate?.provisioningError ? { provisioningError: fate.provisioningError } : {}),
      runningState: active ? (fate?.runningState ?? "Processing") : "Stopped",
      ...(fate?.runningStateDetails ? { runningStateDetails: fate.runningStateDetails } : {}),
    },
  };
}

/** The one replica of a revision as Azure answers it. */
export function replicaAnswer(
  id: string,
  logStream: (container: string) => string,
  { name, template }: RevisionState,
  fate: RevisionFate | undefined,
) {
  const replica = `${name}-7d9c5`;
  const does = fate?.container ?? { ready: false, runningState: "Waiting" };
  return {
    ...{ id: `${id}/${replica}`, name: replica },
    type: "Microsoft.App/containerapps/revisions/replicas",
    properties: {
      runningState: does.ready ? "Running" : "NotRunning",
      containers: template.containers.map((container, index) => ({
        ...{ name: container.name, containerId: `containerd://${replica}-${index}` },
        ...{ ready: does.ready, started: does.ready, restartCount: does.restarts ?? 0 },
        runningState: does.runningState,
        ...(does.runningStateDetails ? { runningStateDetails: does.runningStateDetails } : {}),
        logStreamEndpoint: logStream(container.name),
      })),
    },
  };
}
