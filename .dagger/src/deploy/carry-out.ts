import { firstLine, scrubbed, SluiceError } from "../error.ts";
import type { Entry } from "../ledger/model.ts";
import { underLock } from "../promote/under-lock.ts";
import { dataOf } from "./data.ts";
import { look, type Look } from "./look.ts";
import type { DeploymentData } from "./model.ts";
import { recordCutOff, recordEnd, recordStart } from "./record.ts";
import { type DeploymentRun, holdingOf } from "./run.ts";
import { stepsBefore } from "./steps-before.ts";
import { takeBack, type TakenBack } from "./take-back.ts";
import { readTarget, type TargetState } from "./target-state.ts";
import { tellBeginning, tellCutOff, tellEnd } from "./tell.ts";

/** How a deployment went, before people are told of it. */
export interface Ended {
  data: DeploymentData;
  /** The record of its beginning: its number names the deployment. */
  start: Entry;
  /** What went wrong; undefined for a success. */
  fault: unknown;
}

/**
 * Brings images to a place under its channel's lock: writes down that it begins, applies what comes
 * before it, deploys, looks what the URL says, and writes down how it ended. A deployment that fails,
 * or that its URL does not confirm, is taken back to what ran there before.
 *
 * @param check asked once more under the lock, with what the ledger says by then
 */
export async function carryOut(
  run: DeploymentRun,
  { waitMs, check }: { waitMs: number; check: (state: TargetState) => Promise<void> },
): Promise<Ended> {
  const { release, place, wanted, onProgress } = run;
  const verb = wanted.kind === "rollback" ? "roll back" : "deploy";
  const lock = {
    ...{ channel: place.channel, waitMs, reason: run.reason },
    command: `${verb} ${place.name} to ${wanted.commit}`,
  };
  return underLock(release, lock, onProgress, async (held, { asked }) => {
    const found = await readTarget(release.ledger, place.stream);
    if (found.interrupted) await tellCutOff(run, found.interrupted);
    const state = await recordCutOff(run, found);
    await check(state);
    asked.throwIfAborted();
    await held.confirm();
    const start = await recordStart(run, state);
    const startedAt = start.record.at;
    await tellBeginning(run, start);
    const attempt = await bring(run, asked);
    const takenBack = attempt.fault === undefined ? null : await takeBack(run, state, attempt);
    const ending = endingOf(run, state, attempt, takenBack);
    const end = await recordEnd(run, state, start, ending).catch((error: unknown) => {
      throw unrecorded(run, ending, error);
    });
    const ended: Ended = {
      start,
      fault: attempt.fault,
      data: dataOf(run, {
        ...{ outcome: ending.outcome, reason: ending.reason, seen: attempt.seen },
        ...(attempt.targetRelease === undefined ? {} : { targetRelease: attempt.targetRelease }),
        takenBack: takenBack && { succeeded: takenBack.succeeded, reason: takenBack.reason },
        notes: [...held.notes, ...attempt.notes],
        ...{ startedAt, finishedAt: end.record.at },
      }),
    };
    // Who asked to stop gets nothing back: this is the last moment in which people can be told.
    if (asked.aborted) await tellEnd(run, ended);
    return ended;
  });
}

/** What happened stands, whether the ledger takes it or not. */
function unrecorded(
  { place, wanted }: DeploymentRun,
  { outcome, reason }: Pick<DeploymentData, "outcome" | "reason">,
  error: unknown,
): SluiceError {
  const short = wanted.commit.slice(0, 12);
  const became =
    outcome === "succeeded" ? `${place.name} runs ${short}` : `${place.name}: ${reason}`;
  return new SluiceError(
    "DEPLOYMENT_UNRECORDED",
    `${became}; but the ledger does not know of it: ${firstLine(error)}`,
    {
      hint: "run it again once the ledger's registry answers: what is there already is not changed",
      cause: error,
    },
  );
}

/** What became of an attempt to bring images to a place. */
export interface Attempt extends Omit<Look, "fault"> {
  fault: unknown;
  targetRelease: string | undefined;
  notes: readonly string[];
  /** Whether the platform may have changed. */
  changed: boolean;
}

async function bring(run: DeploymentRun, signal: AbortSignal): Promise<Attempt> {
  const { wanted } = run;
  const nothing = { proof: null, browser: null, watch: null };
  let changed = false;
  try {
    if (wanted.kind === "deployment") await stepsBefore(run, signal);
    signal.throwIfAborted();
    changed = true;
    const { release: targetRelease, notes } = await run.deployer(signal).deploy(wanted);
    const seen = await look(run, signal);
    return { ...seen, targetRelease, notes: notes.map(run.context.scrub), changed };
  } catch (error) {
    const fault = scrubbed(error, run.context.scrub);
    return { targetRelease: undefined, notes: [], seen: nothing, fault, changed };
  }
}

function endingOf(
  { wanted, reason }: DeploymentRun,
  state: TargetState,
  { fault, targetRelease, changed }: Attempt,
  takenBack: TakenBack | null,
) {
  if (fault === undefined) {
    return {
      outcome: "succeeded" as const,
      reason: reason ?? "",
      holds: holdingOf(wanted, targetRelease),
      blocked: blockedAfter(state, wanted),
      ...(targetRelease === undefined ? {} : { targetRelease }),
    };
  }
  const why = fault instanceof SluiceError ? fault.reason : firstLine(fault);
  const after = takenBack ? `${why}; ${takenBack.reason}` : why;
  // What is there when it could not be taken back, nobody knows: least of all the ledger.
  const holds = !changed ? state.holds : takenBack?.succeeded ? takenBack.holds : null;
  return { outcome: "failed" as const, reason: after, holds, blocked: [...state.blocked] };
}

/** A rollback keeps what it took away from coming again; anything newer lifts that. */
function blockedAfter(
  { holds, blocked }: TargetState,
  { kind, commit }: DeploymentRun["wanted"],
): string[] {
  if (kind === "deployment") return [];
  const taken = holds && holds.commit !== commit ? [holds.commit] : [];
  return [...new Set([...blocked, ...taken])].filter((one) => one !== commit);
}
