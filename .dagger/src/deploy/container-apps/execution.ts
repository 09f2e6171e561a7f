import { SluiceError } from "../../error.ts";
import { ArmError } from "./failure.ts";
import type { MigrationWanted } from "./migration.ts";
import type { Execution } from "./model.ts";
import { lookUntil } from "./pace.ts";
import type { Work } from "./work.ts";

const GOES_ON = ["Running", "Processing", "Unknown"];

/**
 * Starts a job, and waits for the end of its execution: it is let finish even when somebody asks to
 * stop, as half a migration is worse than a late end. One that takes too long is stopped.
 *
 * @returns name of the execution
 * @throws SluiceError `CONTAINER_APPS_MIGRATION_FAILED`, and those of requests
 */
export async function runExecution(work: Work, wanted: MigrationWanted): Promise<string> {
  const { arm, pace, onProgress, keep } = work;
  const { job, timeoutMs } = wanted;
  const name = await startOnce(work, job);
  onProgress(`job ${job}: execution ${name} has started`);
  const deadline = pace.clock.now() + timeoutMs;
  let last: Execution | undefined;
  const end = await lookUntil(pace, deadline, new AbortController().signal, async () => {
    last = await arm.execution(job, name);
    return GOES_ON.includes(last.properties.status) ? undefined : last;
  });
  keep(
    `${job}-execution.json`,
    `${JSON.stringify({ job, image: wanted.image, ...(end ?? last) }, null, 2)}\n`,
  );
  if (end?.properties.status === "Succeeded") {
    onProgress(`job ${job}: execution ${name} has succeeded`);
    return name;
  }
  if (!end) await arm.stopExecution(job, name);
  throw new SluiceError(
    "CONTAINER_APPS_MIGRATION_FAILED",
    end
      ? `job ${job}: expected execution ${name} to succeed, got ${end.properties.status}`
      : `job ${job}: execution ${name} did not end in ${Math.round(timeoutMs / 1000)} s, and was stopped`,
    {
      detail: `image: ${wanted.image}\nno app was touched`,
      hint: `read what it wrote: az containerapp job logs show --name ${job} --execution ${name} --container <name>, and release a candidate whose migration runs`,
    },
  );
}

/** A start can't be repeated blindly: a second migration would run beside the first. */
async function startOnce({ arm }: Work, job: string): Promise<string> {
  const before = await arm.executionNames(job);
  let started: string | undefined;
  try {
    started = await arm.startJob(job);
  } catch (error) {
    if (!(error instanceof ArmError) || !error.uncertain) throw error;
    const found = await newExecution(arm, job, before);
    if (found === undefined) throw error;
    return found;
  }
  const name = started ?? (await newExecution(arm, job, before));
  if (name !== undefined) return name;
  throw new SluiceError(
    "CONTAINER_APPS_ANSWER_INVALID",
    `job ${job}: Azure accepted to start it, and shows no execution`,
    { hint: `look at its executions: az containerapp job execution list --name ${job}` },
  );
}

async function newExecution(
  arm: Work["arm"],
  job: string,
  before: readonly string[],
): Promise<string | undefined> {
  return (await arm.executionNames(job)).find((name) => !before.includes(name));
}
