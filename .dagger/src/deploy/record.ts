import type { DeploymentRecord, Entry } from "../ledger/model.ts";
import { stamp } from "../ledger/stamp.ts";
import { digestsOf, type DeploymentRun } from "./run.ts";
import type { TargetState } from "./target-state.ts";

/** How a record of a deployment differs from that of its beginning. */
type Ending = Pick<DeploymentRecord, "outcome" | "reason" | "holds" | "blocked"> &
  Partial<Pick<DeploymentRecord, "targetRelease">>;

/** Writes down that a deployment begins, before anything changes. */
export function recordStart(run: DeploymentRun, state: TargetState): Promise<Entry> {
  return append(run, state, { ...startOf(state) }, state.head?.digest ?? null);
}

function startOf({ holds, blocked }: TargetState): Ending {
  return { outcome: "started", reason: "", holds, blocked: [...blocked] };
}

/** Writes down how a deployment ended, with the files that it left. */
export function recordEnd(
  run: DeploymentRun,
  state: TargetState,
  start: Entry,
  ending: Ending,
): Promise<Entry> {
  return append(run, state, ending, start.digest);
}

/** Writes down that a deployment which was cut off has failed. Answers the state from there on. */
export async function recordCutOff(run: DeploymentRun, state: TargetState): Promise<TargetState> {
  const { interrupted } = state;
  if (!interrupted) return state;
  const record: DeploymentRecord = {
    ...interrupted.record,
    ...stamp(run.release),
    outcome: "failed",
    reason: "it was cut off: what it left is seen to by the next deployment",
    holds: state.holds,
  };
  const head = await run.release.ledger.append(run.place.stream, record, {
    expect: interrupted.digest,
  });
  return { ...state, head: { ...head, record }, interrupted: undefined };
}

async function append(
  run: DeploymentRun,
  { holds: held }: TargetState,
  ending: Ending,
  expect: string | null,
): Promise<Entry> {
  const { release, place, wanted, url } = run;
  const record: DeploymentRecord = {
    ...stamp(release),
    ...{ kind: "deployment", channel: place.channel.name, target: place.name },
    ...{ environment: place.target.environment, cause: wanted.kind, commit: wanted.commit },
    ...(wanted.release === undefined ? {} : { release: wanted.release }),
    ...(url === undefined ? {} : { url }),
    ...{ digests: digestsOf(wanted), held, ...ending },
  };
  const files = ending.outcome === "started" ? {} : Object.fromEntries(run.kept);
  return release.ledger.append(place.stream, record, { files, expect });
}
