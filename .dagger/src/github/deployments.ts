import type { ReleaseEvent } from "../announce/event.ts";
import type { Sink } from "../announce/sink.ts";
import type { GithubAccess } from "./access.ts";
import {
  createDeployment,
  findDeployment,
  newestState,
  otherDeployments,
  setState,
  statesOf,
  type Recorded,
} from "./deployment-records.ts";
import {
  environmentOf,
  newDeployment,
  newStatus,
  placeOf,
  stateOf,
  supersededStatus,
  type DeploymentState,
  type NewStatus,
} from "./deployment-texts.ts";
import { asking } from "./failure.ts";
import { onceWritten } from "./once-written.ts";
import { webAddressOf } from "./repository.ts";
import { requestText } from "./request-text.ts";

const ASK = { what: "record deployments of", needs: "deployments: write" };
/** What a deployment ends with, besides `success`, which a later one ends. */
const CLOSED: readonly (string | undefined)[] = ["inactive", "failure", "error"];

/**
 * Records deployments as GitHub's Deployments: begun, ended, and the earlier ones of the same place
 * made inactive, those of killed runs included, so that none stays in progress.
 */
export function deploymentsSink(access: GithubAccess): Sink {
  return {
    name: "github-deployments",
    preview(event) {
      return Promise.resolve(previewOf(access, event));
    },
    async tell(event) {
      const state = stateOf(event);
      if (state === undefined) return undefined;
      return asking(access.repository, ASK, async () => {
        const wanted = newDeployment(event);
        const one = await onceWritten({
          find: () => findDeployment(access, wanted),
          write: () => createDeployment(access, wanted),
        });
        await onceWritten({
          find: async () => (await statesOf(access, one.id)).find((had) => says(had, state)),
          write: () => setState(access, one.id, newStatus(event, state)),
        });
        await closeOthers(access, one, event, state);
        return {
          what: `deployment ${one.id} to ${wanted.environment}: ${state}`,
          url: `${webAddressOf(access.repository)}/deployments/${encodeURIComponent(wanted.environment)}`,
        };
      });
    },
  };
}

/** A deployment that has ended doesn't begin again, however late its beginning is told. */
function says(had: string, wanted: DeploymentState): boolean {
  return had === wanted || wanted === "in_progress";
}

/**
 * Closes the earlier deployments of the place. A success replaces all of them; otherwise what was
 * deployed before stays, and only those that a killed run left open are closed. An event that is
 * told late is itself replaced by the newer deployment.
 */
async function closeOthers(
  access: GithubAccess,
  one: Recorded,
  event: ReleaseEvent,
  state: DeploymentState,
): Promise<void> {
  const { sequence } = placeOf(one.key);
  const open: Seen[] = [];
  let newer: Recorded | undefined;
  let hasSuccess = false;
  for await (const page of otherDeployments(access, one, environmentOf(event))) {
    const seen = await Promise.all(
      page.map(async (other) => ({ other, had: await newestState(access, other.id) })),
    );
    const isEarlier = ({ other }: Seen) => placeOf(other.key).sequence <= sequence;
    newer ??= seen.find((each) => !isEarlier(each) && each.had === "success")?.other;
    const left = seen.filter((each) => isEarlier(each) && !CLOSED.includes(each.had));
    open.push(...left);
    // Only one success is ever left: whoever had it has closed all before, however many failed since.
    hasSuccess ||= seen.some(({ had }) => had === "success");
    if (hasSuccess && left.length === 0) break;
  }
  // Oldest first: when this is interrupted, the next deployment still finds the newest ones open.
  for (const { other, had } of open.reverse()) {
    if (state === "success") await close(access, other, supersededStatus(one.key, "inactive"));
    else if (had !== "success") await close(access, other, supersededStatus(one.key, "error"));
  }
  if (newer && state === "success")
    await close(access, one, supersededStatus(newer.key, "inactive"));
}

/** A deployment, and its newest state. */
interface Seen {
  other: Recorded;
  had: string | undefined;
}

async function close(access: GithubAccess, { id }: Recorded, status: NewStatus): Promise<void> {
  await onceWritten({
    find: async () => {
      const had = await newestState(access, id);
      return CLOSED.includes(had) ? had : undefined;
    },
    write: () => setState(access, id, status),
  });
}

function previewOf(access: GithubAccess, event: ReleaseEvent): string | undefined {
  const state = stateOf(event);
  if (state === undefined) return undefined;
  return [
    requestText(access, "POST", "deployments", newDeployment(event)),
    requestText(access, "POST", "deployments/<id>/statuses", newStatus(event, state)),
  ].join("\n\n");
}
