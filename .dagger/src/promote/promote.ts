import { type FoundCandidate, findCandidate } from "../candidate/find.ts";
import { heldUnder } from "../candidate/held.ts";
import { imagesOf } from "../candidate/tagged.ts";
import type { Pipeline, PipelineChannel } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import { commitOf } from "../source/commit.ts";
import { runVerification, type Verified } from "../verify/run.ts";
import { channelNamed } from "./channel.ts";
import type { Registries } from "../registries/registries.ts";
import type { Move, PromotionData } from "./model.ts";
import { moveAll } from "./move-all.ts";
import type { PlannedMove } from "./planned.ts";

/** What to promote where. */
export interface PromotionWanted {
  channel: string;
  /** Default: HEAD. */
  commit?: string | undefined;
  /** Name of the registry to verify from; default: the channel's own. */
  registry?: string | undefined;
}

/** A promotion and the verification that let it happen. */
export interface Promoted extends Verified {
  promotion: PromotionData;
}

/** Verifies a commit's candidate, then moves a channel to it. Nothing moves unless it passes. */
export async function promote(
  release: Release,
  wanted: PromotionWanted,
  onProgress: (line: string) => void,
): Promise<Promoted> {
  const { pipeline, registries, source } = release;
  const channel = channelNamed(pipeline, wanted.channel);
  const from = registries.named(wanted.registry ?? channel.verifyFrom);
  const commit = await commitOf(source, wanted.commit);
  const found = await findCandidate(pipeline, registries, commit);
  const verified = await runVerification(release, imagesOf(found.candidate, from), {
    allowFailure: false,
    onProgress,
  });
  const promotion = await moveChannel({ pipeline, registries, channel, found, onProgress });
  return { ...verified, promotion };
}

interface MoveInput {
  pipeline: Pipeline;
  registries: Registries;
  channel: PipelineChannel;
  found: FoundCandidate;
  onProgress: (line: string) => void;
}

/**
 * Moves a channel's tag in every registry to a candidate that was verified, and reads every tag
 * back. All or nothing: when one can't be moved, those that were are put back.
 *
 * @throws SluiceError `PROMOTION_FAILED`, which says for every tag what it holds now
 */
async function moveChannel(input: MoveInput): Promise<PromotionData> {
  const { pipeline, registries, channel, found, onProgress } = input;
  const before = await heldUnder(pipeline, registries, channel.tag);
  const moves = before.map((held): PlannedMove => {
    const source = found.held.find(
      ({ service, registry }) =>
        service.name === held.service.name && registry.name === held.registry.name,
    );
    if (!source) throw new Error(`${held.ref}: the candidate has no image for it`);
    return { ...held, tag: channel.tag, before: held.manifest, target: source.manifest };
  });
  const begun = Date.now();
  await moveAll(moves, onProgress);
  return {
    version: 1,
    pipeline: pipeline.name,
    channel: channel.name,
    tag: channel.tag,
    commit: found.candidate.commit,
    finishedAt: new Date().toISOString(),
    movedMs: Date.now() - begun,
    moves: moves.map(({ service, registry, ref, before, target }): Move => ({
      service: service.name,
      registry: registry.name,
      ref,
      from: before?.digest ?? null,
      to: target.digest,
    })),
  };
}
