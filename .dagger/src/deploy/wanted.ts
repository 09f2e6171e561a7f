import { SluiceError } from "../error.ts";
import { isChange } from "../ledger/channel-state.ts";
import { commitState } from "../ledger/commit-state.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Deployed, Holding } from "../ledger/model.ts";
import { channelStream, commitStream } from "../ledger/streams.ts";
import type { Pipeline } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import { readChannel } from "../status/channel.ts";
import type { DeployedImage, DeploymentWanted } from "./deployer.ts";
import type { Place } from "./place.ts";
import type { TargetState } from "./target-state.ts";

/** Which of the things that a channel held is deployed. */
export interface Choice {
  /** Commit, or the git tag it was promoted as; default: what the channel holds. */
  to?: string | undefined;
  /** A person chose it: it may be something that the channel held before, or that was taken back here. */
  replay: boolean;
}

/**
 * What a deployment brings: by the digests that were promoted, and nothing else.
 *
 * @throws SluiceError `DEPLOY_NOT_PROMOTED`, `DEPLOY_REJECTED`, `DEPLOY_TAKEN_BACK`
 */
export async function chosen(
  release: Pick<Release, "pipeline" | "ledger">,
  place: Place,
  state: TargetState,
  { to, replay }: Choice,
): Promise<DeploymentWanted> {
  const { ledger } = release;
  const { channel } = place;
  const { holds } = await readChannel(ledger, channel.name);
  if (!holds) throw notPromoted(`${channel.name} holds nothing`, channel.name);
  const holding =
    to === undefined || isMeant(holds, to) ? holds : await heldBefore(ledger, channel.name, to);
  if (!holding) {
    const reason = `${channel.name} never held ${JSON.stringify(to?.slice(0, 200))}`;
    throw notPromoted(reason, channel.name);
  }
  const short = holding.commit.slice(0, 12);
  if (holding.commit !== holds.commit && !replay) {
    const now = holds.release ?? holds.commit.slice(0, 12);
    throw new SluiceError(
      "DEPLOY_NOT_PROMOTED",
      `${channel.name} holds ${now}, expected ${holding.release ?? short} to be there`,
      { hint: "roll the channel back to it first, or add --replay to deploy it here all the same" },
    );
  }
  if (state.blocked.includes(holding.commit) && !replay) {
    throw new SluiceError("DEPLOY_TAKEN_BACK", `${short} was taken back from ${place.name}`, {
      hint: "promote something newer; or add --replay when the reason for taking it back is gone",
    });
  }
  const { candidate, rejectedBy } = commitState(await ledger.history(commitStream(holding.commit)));
  if (rejectedBy) {
    throw new SluiceError("DEPLOY_REJECTED", `${short} was rejected: ${rejectedBy.record.reason}`, {
      hint: `roll ${channel.name} back, or promote another commit`,
    });
  }
  return wantedFrom(release, place, state, {
    ...{ kind: "deployment", holding, scope: candidate?.record.scope ?? {} },
  });
}

/** A deployment of something that the ledger knows, in the words of those who carry it out. */
export function wantedFrom(
  release: Pick<Release, "pipeline">,
  { target }: Place,
  { holds }: Pick<TargetState, "holds">,
  what: Pick<DeploymentWanted, "kind" | "scope"> & { holding: Holding | Deployed },
): DeploymentWanted {
  const { kind, scope, holding } = what;
  const imagesOf = (digests: Holding["digests"]) =>
    imagesIn(release.pipeline, target.registry, digests);
  return {
    ...{ kind, scope, commit: holding.commit, release: holding.release },
    images: imagesOf(holding.digests),
    previous: holds ? { commit: holds.commit, images: imagesOf(holds.digests) } : undefined,
  };
}

function imagesIn(
  { registries, services }: Pipeline,
  registry: string,
  digests: Holding["digests"],
): DeployedImage[] {
  const address = registries.find(({ name }) => name === registry)?.address ?? "";
  return services.flatMap(({ name, image }) => {
    const digest = digests[name];
    return digest === undefined
      ? []
      : [{ service: name, digest, ref: `${address}/${image}@${digest}` }];
  });
}

async function heldBefore(
  ledger: Ledger,
  channel: string,
  to: string,
): Promise<Holding | undefined> {
  const changes = (await ledger.history(channelStream(channel))).filter(isChange);
  return changes
    .filter(({ record }) => record.state === "finished")
    .flatMap(({ record }) => record.holds ?? [])
    .find((holding) => isMeant(holding, to));
}

/** Whether a text means it: a whole commit, the beginning of one, or the tag it was promoted as. */
export function isMeant({ commit, release }: Holding, text: string): boolean {
  return release === text || (/^[0-9a-f]{7,40}$/.test(text) && commit.startsWith(text));
}

function notPromoted(reason: string, channel: string): SluiceError {
  return new SluiceError("DEPLOY_NOT_PROMOTED", reason, {
    hint: `only what was promoted is deployed: sluice call promote --channel ${channel}`,
  });
}
