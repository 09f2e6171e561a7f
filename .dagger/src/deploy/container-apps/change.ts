import { SluiceError } from "../../error.ts";
import { within } from "../../verify/clock.ts";
import type { MergePatch, Operation } from "./arm.ts";
import { ArmError } from "./failure.ts";
import type { App } from "./model.ts";
import { lookUntil } from "./pace.ts";
import type { Work } from "./work.ts";

/** A write whose reply is lost is repeated this often, when it is seen not to have been done. */
const REPEATS = 2;

/** When to stop waiting: a moment of the clock, or a signal. */
export interface Until {
  deadline: number;
  signal: AbortSignal;
}

/**
 * Changes an app, and waits until Azure calls the operation ended. Another operation on the app is
 * waited for. A reply that is lost is looked into before the change is asked for again.
 *
 * @param done whether an app has the change
 * @throws SluiceError `CONTAINER_APPS_CONFLICT`, `CONTAINER_APPS_INTERRUPTED`,
 *   `CONTAINER_APPS_TIMEOUT`, and those of requests
 */
export async function changeApp(
  work: Work,
  name: string,
  patch: MergePatch,
  done: (app: App) => boolean,
  until: Until,
): Promise<void> {
  const { arm, pace } = work;
  let lost = 0;
  let conflict: ArmError | undefined;
  const accepted = await lookUntil(pace, until.deadline, until.signal, async () => {
    try {
      return await arm.patchApp(name, patch);
    } catch (error) {
      if (!(error instanceof ArmError)) throw error;
      if (error.status === 409) {
        if (!conflict) work.onProgress(`${name}: waits for another operation on it`);
        conflict = error;
        return undefined;
      }
      if (!error.uncertain || ++lost > REPEATS) throw error;
      return done(await arm.app(name)) ? alreadyEnded : undefined;
    }
  });
  if (!accepted) throw stopped(name, until) ?? conflict ?? late(name);
  await ended(work, name, accepted, until);
}

const alreadyEnded: Operation = { ended: () => Promise.resolve() };

async function ended(
  { pace: { clock } }: Work,
  name: string,
  operation: Operation,
  { deadline, signal }: Until,
): Promise<void> {
  const over = new AbortController();
  const end = operation.ended(AbortSignal.any([signal, over.signal]));
  try {
    const left = Math.max(0, deadline - clock.now());
    const seen = await within(clock, left, signal, end);
    if (!seen) throw stopped(name, { deadline, signal }) ?? late(name);
  } catch (error) {
    // The client ends with an error of its own when it is told to stop.
    throw stopped(name, { deadline, signal }) ?? error;
  } finally {
    over.abort();
  }
}

/** The error of a wait that was ended from outside; undefined when it was not. */
export function stopped(name: string, { signal }: Until): SluiceError | undefined {
  if (!signal.aborted) return undefined;
  return new SluiceError(
    "CONTAINER_APPS_INTERRUPTED",
    `the deployment of app ${name} was stopped before it was healthy`,
    { hint: "run the deployment again when it may go on" },
  );
}

function late(name: string): SluiceError {
  return new SluiceError(
    "CONTAINER_APPS_TIMEOUT",
    `app ${name}: Azure did not end the change in time`,
    { hint: "look at the app's activity log, and raise the target's readyTimeout if it is slow" },
  );
}
