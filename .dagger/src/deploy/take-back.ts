import { firstLine } from "../error.ts";
import type { Deployed } from "../ledger/model.ts";
import type { Attempt } from "./carry-out.ts";
import { look } from "./look.ts";
import { holdingOf, type DeploymentRun } from "./run.ts";
import type { TargetState } from "./target-state.ts";
import { wantedFrom } from "./wanted.ts";

/** What was done about a failure. */
export interface TakenBack {
  succeeded: boolean;
  /** One line: what runs there now, or why that is not known. */
  reason: string;
  holds: Deployed | null;
}

/**
 * After a deployment that failed: brings back what ran there before, and looks whether its URL says
 * so. Null where nothing had changed, or a rollback itself failed: then a person has to look.
 */
export async function takeBack(
  run: DeploymentRun,
  state: TargetState,
  { changed }: Attempt,
): Promise<TakenBack | null> {
  const { release, place, wanted, onProgress } = run;
  const { holds } = state;
  if (!changed || wanted.kind === "rollback") return null;
  if (!holds) {
    return {
      succeeded: false,
      reason: "nothing was deployed there before that it could go back to",
      holds: null,
    };
  }
  const name = holds.release ?? holds.commit.slice(0, 12);
  onProgress(`${place.name}: going back to ${name}`);
  const back = wantedFrom(release, place, state, { kind: "rollback", scope: {}, holding: holds });
  // Also when somebody asked to stop: the target is to be sound first.
  const { signal } = new AbortController();
  try {
    const done = await run.deployer(signal).deploy(back);
    const { fault } = await look({ ...run, wanted: back }, signal, { healthOnly: true });
    if (fault !== undefined) throw fault;
    return {
      succeeded: true,
      reason: `it runs ${name} again`,
      holds: holdingOf(back, done.release),
    };
  } catch (error) {
    return {
      succeeded: false,
      reason: `going back to ${name} failed: ${run.context.scrub(firstLine(error))}`,
      holds: null,
    };
  }
}
