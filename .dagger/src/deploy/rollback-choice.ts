import { SluiceError } from "../error.ts";
import type { Deployed } from "../ledger/model.ts";
import type { Release } from "../release.ts";
import type { DeploymentWanted } from "./deployer.ts";
import type { Place } from "./place.ts";
import { isDeployment, type TargetState } from "./target-state.ts";
import { isMeant, wantedFrom } from "./wanted.ts";

/**
 * What ran at a place before, by the ledger.
 *
 * @param to commit, or git tag; default: what ran there before what runs there now
 * @throws SluiceError `DEPLOYMENT_UNKNOWN`
 */
export async function before(
  release: Pick<Release, "pipeline" | "ledger">,
  place: Place,
  state: TargetState,
  to: string | undefined,
): Promise<DeploymentWanted> {
  const entries = (await release.ledger.history(place.stream)).filter(isDeployment);
  const ran = entries
    .filter(({ record }) => record.outcome === "succeeded")
    .flatMap(({ record }) => record.holds ?? []);
  const now = state.holds?.commit;
  const holding = ran.find((one) =>
    to === undefined ? one.commit !== now && !state.blocked.includes(one.commit) : isMeant(one, to),
  );
  if (!holding) throw neverRan(place.name, ran, to);
  return wantedFrom(release, place, state, { kind: "rollback", scope: {}, holding });
}

function neverRan(place: string, ran: readonly Deployed[], to: string | undefined): SluiceError {
  const known = [...new Set(ran.map(({ commit, release }) => release ?? commit.slice(0, 12)))];
  return new SluiceError(
    "DEPLOYMENT_UNKNOWN",
    to === undefined
      ? `nothing else ran on ${place} before that it could go back to`
      : `${JSON.stringify(to.slice(0, 200))} never ran on ${place}`,
    {
      hint:
        known.length === 0
          ? "deploy something first"
          : `name one of: ${known.slice(0, 10).join(", ")} (see sluice call history)`,
    },
  );
}
