import type { Ledger } from "../ledger/ledger.ts";
import type { Deployed, DeploymentRecord, Entry } from "../ledger/model.ts";

/** What the ledger says of a place that is deployed to. */
export interface TargetState {
  /** Its last record; undefined when there is none. */
  head: Entry<DeploymentRecord> | undefined;
  /** What runs there, or ran before the deployment that was cut off; null for nothing recorded. */
  holds: Deployed | null;
  /** Commits that were taken back there. */
  blocked: readonly string[];
  /** A deployment that began and has no end: its run was cut off, or is still at it. */
  interrupted: Entry<DeploymentRecord> | undefined;
}

/** Reads what a place runs, by the ledger. */
export async function readTarget(ledger: Ledger, stream: string): Promise<TargetState> {
  const head = await ledger.latest(stream);
  if (!head || !isDeployment(head)) {
    return { head: undefined, holds: null, blocked: [], interrupted: undefined };
  }
  const { outcome, holds, held, blocked } = head.record;
  const open = outcome === "started";
  return { head, holds: open ? held : holds, blocked, interrupted: open ? head : undefined };
}

/** Whether a record tells of a deployment. */
export function isDeployment(entry: Entry): entry is Entry<DeploymentRecord> {
  return entry.record.kind === "deployment";
}
