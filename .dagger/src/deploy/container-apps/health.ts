import type { AppContainer, Replica, Revision } from "./model.ts";

/** How a revision does: `failing` may get better by itself, `failed` doesn't. */
export type Health =
  { state: "healthy" } | { state: "starting" | "failing" | "failed"; why: string };

const RUNNING = ["Running", "RunningAtMaxScale"];
/** Nothing is asked of it, so it sleeps; it was healthy before. */
const ASLEEP = ["ScaledToZero", "ScaledTo0"];
const BROKEN = ["Failed", "Degraded", "ActivationFailed", "Stopped"];

/**
 * Judges a revision by itself and its replicas. Azure calls the operation that made it succeeded
 * while its containers still start, or fail over and over.
 *
 * @param wanted the containers that it has to run
 * @param hasIngress whether Azure probes it: without ingress there may be no state of health
 */
export function healthOf(
  { properties }: Revision,
  replicas: readonly Replica[],
  wanted: readonly AppContainer[],
  hasIngress: boolean,
): Health {
  const { healthState, provisioningState, runningState, runningStateDetails } = properties;
  const says = [
    `provisioning ${provisioningState ?? "unknown"}`,
    `running ${runningState ?? "unknown"}`,
    `health ${healthState ?? "unknown"}`,
    ...[properties.provisioningError, runningStateDetails, ...troublesOf(replicas)].filter(
      (text) => text != null && text !== "",
    ),
  ].join("; ");
  const other = wanted.find(
    ({ name, image }) =>
      !properties.template.containers.some((has) => has.name === name && has.image === image),
  );
  if (other) return { state: "failed", why: `its container ${other.name} is not ${other.image}` };
  if (provisioningState === "Failed") return { state: "failed", why: says };
  if (healthState === "Unhealthy" || BROKEN.includes(runningState ?? "")) {
    return { state: "failing", why: says };
  }
  const sound = healthState === "Healthy" || (!hasIngress && healthState !== "Unhealthy");
  if (provisioningState !== "Provisioned" || !sound) return { state: "starting", why: says };
  if (ASLEEP.includes(runningState ?? "")) return { state: "healthy" };
  const all = replicas.flatMap((replica) => replica.properties.containers ?? []);
  return RUNNING.includes(runningState ?? "") && all.length > 0 && all.every(({ ready }) => ready)
    ? { state: "healthy" }
    : { state: "starting", why: says };
}

function troublesOf(replicas: readonly Replica[]): string[] {
  return replicas.flatMap(({ name, properties }) =>
    (properties.containers ?? [])
      .filter(({ ready }) => ready !== true)
      .map((container) => {
        const { runningState, runningStateDetails, restartCount } = container;
        const details = runningStateDetails ? `, ${runningStateDetails}` : "";
        const restarts = restartCount ? `, ${restartCount} restarts` : "";
        return `replica ${name}: ${container.name} is not ready (${runningState ?? "unknown"}${details}${restarts})`;
      }),
  );
}

/** The next step for what is seen when an image can't be had. */
export function healthHint(why: string): string {
  return /pull|manifest unknown|UNAUTHORIZED|denied/i.test(why)
    ? "let the app pull from the registry: az containerapp registry set (its credentials are the app's own, and never changed here)"
    : "read the container's log that was kept, and run the deployment again with a candidate that starts";
}
