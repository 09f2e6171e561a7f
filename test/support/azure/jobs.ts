import { mergePatch } from "./merge.ts";
import { checked, jobShape, type JobResource } from "./shapes.ts";

/** How an execution ends; `Running`: it doesn't by itself. */
export type ExecutionFate = "Succeeded" | "Failed" | "Running";

export interface ExecutionState {
  name: string;
  image: string;
  /** How often it is still seen running. */
  running: number;
  fate: ExecutionFate | "Stopped";
  startTime: string;
}

/** A job and its executions. */
export interface JobState {
  name: string;
  resource: JobResource;
  /** Oldest first. */
  executions: ExecutionState[];
}

export function patchJob(job: JobState, patch: unknown): void {
  job.resource = checked(jobShape, mergePatch(job.resource, patch));
}

export function startJob(job: JobState, fate: (image: string) => ExecutionFate): ExecutionState {
  const image = job.resource.properties.template.containers[0]?.image ?? "";
  const execution: ExecutionState = {
    name: `${job.name}-${String(job.executions.length + 1).padStart(7, "x")}`,
    ...{ image, running: 1, fate: fate(image), startTime: new Date().toISOString() },
  };
  job.executions.push(execution);
  return execution;
}

export function jobAnswer(id: string, { name, resource }: JobState) {
  return {
    ...resource,
    ...{ id, name, type: "Microsoft.App/jobs", location: "North Europe" },
    properties: { ...resource.properties, provisioningState: "Succeeded" },
  };
}

/** An execution as Azure answers it; looking is how it gets on. */
export function executionAnswer(id: string, execution: ExecutionState) {
  const { name, image, fate, startTime } = execution;
  const status = execution.running > 0 ? "Running" : fate;
  if (execution.running > 0) execution.running--;
  return {
    ...{ id: `${id}/executions/${name}`, name, type: "Microsoft.App/jobs/executions" },
    properties: {
      ...{ status, startTime },
      ...(status === "Running" ? {} : { endTime: new Date().toISOString() }),
      template: { containers: [{ name: "migrate", image }] },
    },
  };
}
