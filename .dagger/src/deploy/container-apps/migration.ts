import { SluiceError } from "../../error.ts";
import type { ContainerAppsPlatform } from "../../pipeline/model.ts";
import type { DeploymentWanted } from "../deployer.ts";
import { containerOf, withImage } from "./containers.ts";
import { runExecution } from "./execution.ts";
import { ArmError } from "./failure.ts";
import type { AppContainer, Job } from "./model.ts";
import { lookUntil } from "./pace.ts";
import type { Work } from "./work.ts";

/** A migration that is due. */
export interface MigrationWanted {
  /** Name of the job. */
  job: string;
  service: string;
  /** Repository of the service's images. */
  repository: string;
  /** Image by digest. */
  image: string;
  timeoutMs: number;
}

/** Whether a deployment migrates: a rollback never does, and scopes may leave it out. */
export function isDue(
  migration: NonNullable<ContainerAppsPlatform["migration"]>,
  { kind, scope }: Pick<DeploymentWanted, "kind" | "scope">,
): boolean {
  const { scopes } = migration;
  return kind === "deployment" && (scopes.length === 0 || scopes.some((name) => scope[name]));
}

/** The job, and its container that runs the service. */
export async function findJob(
  { arm }: Work,
  { job: name, service, repository }: MigrationWanted,
): Promise<{ job: Job; container: AppContainer }> {
  const job = await arm.job(name);
  const spot = { service, repository, what: `job ${name}` };
  return { job, container: containerOf(job.properties.template.containers, spot) };
}

/**
 * Runs the job with the new image, and waits for its end.
 *
 * @throws SluiceError `CONTAINER_APPS_MIGRATION_FAILED`, and those of requests
 */
export async function migrate(
  work: Work,
  wanted: MigrationWanted,
  signal: AbortSignal,
): Promise<string> {
  const { job, container } = await findJob(work, wanted);
  if (container.image !== wanted.image) {
    const { containers } = job.properties.template;
    await setImage(work, wanted, withImage(containers, container, wanted.image, {}), signal);
    work.onProgress(`job ${wanted.job}: has ${wanted.image}`);
  }
  return runExecution(work, wanted);
}

/** A reply that is lost is no harm: the same containers can be set again. */
async function setImage(
  { arm, pace }: Work,
  { job, timeoutMs }: MigrationWanted,
  containers: AppContainer[],
  signal: AbortSignal,
): Promise<void> {
  const deadline = pace.clock.now() + timeoutMs;
  let refused: ArmError | undefined;
  const done = await lookUntil(pace, deadline, signal, async () => {
    try {
      const operation = await arm.patchJob(job, { properties: { template: { containers } } });
      await operation.ended(new AbortController().signal);
      return true;
    } catch (error) {
      const again = error instanceof ArmError && (error.status === 409 || error.uncertain);
      if (!again || (error.status !== 409 && refused?.uncertain === true)) throw error;
      refused = error;
      return undefined;
    }
  });
  if (done) return;
  if (!signal.aborted && refused) throw refused;
  throw new SluiceError(
    "CONTAINER_APPS_INTERRUPTED",
    `the deployment was stopped before job ${job} was started; no app was touched`,
    { hint: "run the deployment again when it may go on" },
  );
}
