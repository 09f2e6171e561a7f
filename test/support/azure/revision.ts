import type { CloudRunner } from "../cloudRunner.ts";
import type { ContainerState, TemplateState } from "./shapes.ts";

/** What a revision comes to be. */
export interface RevisionFate {
  provisioningState: "Provisioned" | "Failed";
  provisioningError?: string;
  healthState: "Healthy" | "Unhealthy" | "None";
  runningState: string;
  runningStateDetails?: string;
  /** What its container does. */
  container: {
    ready: boolean;
    runningState: string;
    runningStateDetails?: string;
    restarts?: number;
  };
  log: string;
}

/** A revision of an app. */
export interface RevisionState {
  name: string;
  active: boolean;
  template: TemplateState;
  createdTime: string;
  /** How often it is still seen starting. */
  starting: number;
  /** Without anything that really runs: what becomes of it. */
  fate: RevisionFate;
  /** URL of what really runs. */
  url: string | undefined;
  /** Why nothing does. */
  startError: string | undefined;
}

export const healthyFate: RevisionFate = {
  provisioningState: "Provisioned",
  healthState: "Healthy",
  runningState: "Running",
  container: { ready: true, runningState: "Running" },
  log: "listening\n",
};

/** Azure calls the operation succeeded all the same. */
export const crashingFate: RevisionFate = {
  provisioningState: "Provisioned",
  healthState: "Unhealthy",
  runningState: "Degraded",
  runningStateDetails: "Container crashing: app",
  container: {
    ready: false,
    runningState: "Waiting",
    runningStateDetails: "CrashLoopBackOff",
    restarts: 3,
  },
  log: "Error: DATABASE_URL is not set\n",
};

/** Lets a revision really run. A container that doesn't start leaves the reason. */
export async function start(
  runner: CloudRunner,
  revision: RevisionState,
  port: number,
): Promise<void> {
  const main = revision.template.containers[0];
  if (!main) return;
  try {
    const { url } = await runner.run(revision.name, main.image, port, plainEnv(main));
    revision.url = url;
  } catch (error) {
    revision.startError = String(error);
  }
}

function plainEnv({ env }: ContainerState): Record<string, string> {
  return Object.fromEntries((env ?? []).map(({ name, value }) => [name, value ?? ""]));
}

/** What becomes of a revision that really runs, by its own probe. */
export async function fateOf(runner: CloudRunner, revision: RevisionState): Promise<RevisionFate> {
  const log = await runner.logs(revision.name);
  if (revision.startError !== undefined) {
    const details = revision.startError;
    return { ...crashingFate, runningState: "Failed", runningStateDetails: details, log };
  }
  const probe = revision.template.containers[0]?.probes?.find(({ httpGet }) => httpGet)?.httpGet;
  const answered = await answers(new URL(probe?.path ?? "/", revision.url), probe !== undefined);
  if (answered) return { ...healthyFate, log };
  return { ...crashingFate, runningStateDetails: "the probe fails", log };
}

/** Without a probe of its own, an app is sound when its port accepts connections. */
async function answers(url: URL, byStatus: boolean): Promise<boolean> {
  try {
    const { status, body } = await fetch(url, {
      redirect: "manual",
      signal: AbortSignal.timeout(5000),
    });
    await body?.cancel();
    return !byStatus || (status >= 200 && status < 400);
  } catch {
    return false;
  }
}
