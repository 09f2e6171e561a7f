import { findCandidate } from "../candidate/find.ts";
import { imagesOf } from "../candidate/tagged.ts";
import type { Release } from "../release.ts";
import { commitOf } from "../source/commit.ts";
import { readChannel } from "../status/channel.ts";
import { runVerification, type Verified } from "../verify/run.ts";
import { channelNamed } from "./channel.ts";
import { refuseLocked } from "./channel-lock.ts";
import { demands, enforce } from "./gates.ts";
import type { PromotionData } from "./model.ts";
import { productsOf } from "./products.ts";
import { carryOut } from "./transaction.ts";

/** What to promote where. */
export interface PromotionWanted {
  channel: string;
  /** Default: HEAD. */
  commit?: string | undefined;
  /** Name of the registry to verify from; default: the channel's own. */
  registry?: string | undefined;
  /** Git tag to promote as, where several stand on the commit. */
  release?: string | undefined;
  /** A person chose this commit: it need not be the head of its branch any more. */
  replay?: boolean;
  reason?: string | undefined;
  /** How long to wait for another run; milliseconds, default 0. */
  waitMs?: number;
}

/** A promotion and the verification that let it happen. */
export interface Promoted extends Verified {
  promotion: PromotionData;
  /** Files for those who deploy, by path. */
  products: Readonly<Record<string, string>>;
}

/**
 * Verifies a commit's candidate, then moves a channel to it. Nothing moves unless every gate and
 * the verification pass.
 */
export async function promote(
  release: Release,
  wanted: PromotionWanted,
  onProgress: (line: string) => void,
): Promise<Promoted> {
  const { pipeline, registries, source } = release;
  const channel = channelNamed(pipeline, wanted.channel);
  const from = registries.named(wanted.registry ?? channel.verifyFrom);
  const commit = await commitOf(source, wanted.commit);
  const [found, state] = await Promise.all([
    findCandidate(pipeline, registries, commit),
    readChannel(release.ledger, channel.name),
  ]);
  const asked = {
    channel,
    commit,
    images: found.held,
    replay: wanted.replay ?? false,
    release: wanted.release,
  };
  // Before the long work, so that what can't be promoted is refused at once.
  const early = await demands(release, asked, state);
  enforce(channel.name, commit, early.results);
  await refuseLocked(release, channel.name, wanted.waitMs ?? 0);
  const verified = await runVerification(release, imagesOf(found.candidate, from), {
    allowFailure: false,
    onProgress,
  });
  const promotion = await carryOut(
    release,
    {
      ...{ kind: "promotion", channel, commit, images: found.held, release: early.release },
      ...{ branch: channel.branch, reason: wanted.reason, waitMs: wanted.waitMs ?? 0 },
      command: `promote --channel ${channel.name} --commit ${commit}`,
      gates: async (now) => {
        const { results } = await demands(release, asked, now);
        enforce(channel.name, commit, results);
        return results;
      },
    },
    onProgress,
  );
  return { ...verified, promotion, products: await productsOf(release, promotion) };
}
