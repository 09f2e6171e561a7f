import { SluiceError } from "../../error.ts";
import { stopped, type Until } from "./change.ts";
import { healthHint, healthOf, type Health } from "./health.ts";
import { revisionLogs } from "./log-stream.ts";
import type { AppContainer } from "./model.ts";
import { lookUntil } from "./pace.ts";
import type { Work } from "./work.ts";

/** Last lines of a container's log that an error shows. */
const SHOWN_LINES = 20;

/** A revision that has to get healthy. */
export interface RevisionWanted {
  /** Name of the app. */
  app: string;
  name: string;
  containers: readonly AppContainer[];
  hasIngress: boolean;
}

/**
 * Waits until a revision itself is healthy, whatever Azure says of the operation that made it.
 *
 * @throws SluiceError `CONTAINER_APPS_UNHEALTHY` with its state and its log, which is kept;
 *   `CONTAINER_APPS_INTERRUPTED`
 */
export async function revisionReady(
  work: Work,
  wanted: RevisionWanted,
  until: Until,
): Promise<void> {
  const { pace } = work;
  let last: Exclude<Health, { state: "healthy" }> | undefined;
  let failingSince: number | undefined;
  const verdict = await lookUntil(pace, until.deadline, until.signal, async () => {
    const health = await look(work, wanted);
    if (health.state === "healthy") return health;
    if (health.why !== last?.why) work.onProgress(`${wanted.name}: ${health.why}`);
    last = health;
    failingSince = health.state === "failing" ? (failingSince ?? pace.clock.now()) : undefined;
    const lasting = failingSince !== undefined && pace.clock.now() - failingSince >= pace.settleMs;
    return health.state === "failed" || lasting ? health : undefined;
  });
  if (verdict?.state === "healthy") return;
  throw (
    stopped(wanted.app, until) ?? (await unhealthy(work, wanted, last?.why ?? "not to be seen"))
  );
}

async function look({ arm }: Work, wanted: RevisionWanted): Promise<Health> {
  const revision = await arm.revision(wanted.app, wanted.name);
  if (!revision) return { state: "starting", why: "Azure has not made it yet" };
  const replicas = await arm.replicas(wanted.app, wanted.name);
  return healthOf(revision, replicas, wanted.containers, wanted.hasIngress);
}

/** The error of a revision that does not run, with what its containers wrote. */
export async function unhealthy(
  work: Work,
  { app, name }: RevisionWanted,
  why: string,
): Promise<SluiceError> {
  const said = work.scrub(why);
  const log = await revisionLogs(work, app, name);
  work.keep(`${name}.log`, `${said}\n\n${log}`);
  return new SluiceError(
    "CONTAINER_APPS_UNHEALTHY",
    `app ${app}: expected revision ${name} to be healthy, got ${said}`,
    { detail: log.trim().split("\n").slice(-SHOWN_LINES).join("\n"), hint: healthHint(said) },
  );
}
