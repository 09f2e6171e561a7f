import { dataOf } from "./data.ts";
import { look } from "./look.ts";
import type { DeploymentData } from "./model.ts";
import { digestsOf, type DeploymentRun } from "./run.ts";
import type { TargetState } from "./target-state.ts";

/**
 * Looks whether a place runs what is wanted already: by the ledger, by its platform, and by its URL.
 * Then nothing is deployed, written down or told, so that a timer may ask every minute. Undefined
 * when anything says otherwise.
 */
export async function unchanged(
  run: DeploymentRun,
  { head, holds }: TargetState,
): Promise<DeploymentData | undefined> {
  const { wanted, onProgress } = run;
  if (wanted.kind !== "deployment" || head?.record.outcome !== "succeeded") return undefined;
  if (holds?.commit !== wanted.commit || holds.release !== wanted.release) return undefined;
  const digests = digestsOf(wanted);
  const { signal } = new AbortController();
  const running = await run.deployer(signal).running();
  const services = Object.entries(running ?? {});
  if (services.length === 0) return undefined;
  if (services.some(([service, digest]) => digests[service] !== digest)) return undefined;
  const { seen, fault } = await look(run, signal, { healthOnly: true });
  if (fault) return undefined;
  onProgress(`${run.place.name} runs ${wanted.commit.slice(0, 12)} already`);
  const { targetRelease } = holds;
  return dataOf(run, {
    ...{ outcome: "unchanged", reason: "it runs there already", seen },
    ...(targetRelease === undefined ? {} : { targetRelease }),
  });
}
