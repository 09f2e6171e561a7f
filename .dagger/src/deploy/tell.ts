import { announce } from "../announce/announce.ts";
import type { Announcement } from "../announce/announcement.ts";
import { eventOfRun } from "../announce/change-event.ts";
import type { ReleaseEvent } from "../announce/event.ts";
import { sinksOf } from "../announce/sinks.ts";
import { tell } from "../announce/tell.ts";
import { firstLine } from "../error.ts";
import type { DeploymentRecord, Entry } from "../ledger/model.ts";
import type { Ended } from "./carry-out.ts";
import { digestsOf, type DeploymentRun } from "./run.ts";

/** Who is told of beginnings: everybody else waits for the end. */
const BEGINNINGS = "github-deployments";

/** Tells that a deployment begins. What can't be told now is made up for at its end. */
export async function tellBeginning(run: DeploymentRun, start: Entry): Promise<void> {
  try {
    const sinks = (await sinksOf(run.release, run.onProgress)).filter(
      ({ name }) => name === BEGINNINGS,
    );
    if (sinks.length > 0) await announce(eventOf(run, start, "deploying"), sinks, run.onProgress);
  } catch (error) {
    run.onProgress(`the beginning could not be told: ${firstLine(error)}`);
  }
}

/** Tells how a deployment ended. */
export function tellEnd(run: DeploymentRun, { data, start }: Ended): Promise<Announcement | null> {
  return tell(run.release, endEvent(run, data, start), run.onProgress);
}

/** The event of a deployment's end. */
export function endEvent(
  run: DeploymentRun,
  data: Pick<Ended["data"], "outcome" | "reason" | "targetRelease" | "previousCommit">,
  start: Pick<Entry, "sequence">,
): ReleaseEvent {
  const { outcome, reason, targetRelease, previousCommit } = data;
  const good = run.wanted.kind === "rollback" ? "taken-back" : "deployed";
  return {
    ...eventOf(run, start, outcome === "succeeded" ? good : "deployment-failed"),
    ...(reason === "" ? {} : { reason }),
    ...(targetRelease === undefined ? {} : { targetRelease }),
    ...(previousCommit === undefined ? {} : { previousCommit }),
  };
}

/** Tells that a deployment of which nothing more was heard has failed. */
export async function tellCutOff(
  run: DeploymentRun,
  { sequence, record }: Entry<DeploymentRecord>,
): Promise<void> {
  const { commit, release, digests } = record;
  await tell(
    run.release,
    {
      ...eventOf(run, { sequence }, "deployment-failed"),
      ...{ commit, digests, reason: "its run was cut off", notes: {} },
      release,
    },
    run.onProgress,
  );
}

function eventOf(
  { release, place, wanted, url, notes }: DeploymentRun,
  { sequence }: Pick<Entry, "sequence">,
  kind: ReleaseEvent["kind"],
): ReleaseEvent {
  return {
    ...eventOfRun(release),
    id: `deployment ${place.name} ${sequence} ${kind}`,
    ...{ kind, channel: place.channel.name, target: place.name },
    ...{ environment: environmentOf(place), commit: wanted.commit, notes: { ...notes } },
    ...(wanted.release === undefined ? {} : { release: wanted.release }),
    ...(url === undefined ? {} : { url }),
    digests: digestsOf(wanted),
  };
}

/** Each slot is an environment of its own: what is deployed to one says nothing of the others. */
function environmentOf({ target, slot }: DeploymentRun["place"]): string {
  return slot === undefined ? target.environment : `${target.environment}/${slot}`;
}
