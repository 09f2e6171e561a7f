import type { CandidateData } from "../candidate/model.ts";
import { candidateOf } from "../candidate/find.ts";
import { imagesOf } from "../candidate/tagged.ts";
import { SluiceError } from "../error.ts";
import { isChange } from "../ledger/channel-state.ts";
import type { ChangeRecord, Entry, Holding } from "../ledger/model.ts";
import { channelStream } from "../ledger/streams.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import { readChannel } from "../status/channel.ts";
import { runVerification } from "../verify/run.ts";
import { channelNamed } from "./channel.ts";
import { refuseLocked } from "./channel-lock.ts";
import type { Change, TargetImage } from "./change.ts";
import { enforce, rollbackDemands } from "./gates.ts";
import type { Promoted } from "./promote.ts";
import { productsOf } from "./products.ts";
import { carryOut } from "./transaction.ts";

/** What to go back to. */
export interface RollbackWanted {
  channel: string;
  /** A commit, or the git tag it was promoted as; default: what the channel held before. */
  to?: string | undefined;
  reason: string;
  /** Name of the registry to verify from; default: the channel's own. */
  registry?: string | undefined;
  /** How long to wait for another run; milliseconds, default 0. */
  waitMs?: number;
}

/**
 * Moves a channel back to something that it held before, by the recorded digests, after verifying
 * them once more. What it held until now can't be promoted again; something newer can.
 *
 * @throws SluiceError `ROLLBACK_UNKNOWN` when the channel never held it
 */
export async function rollback(
  release: Release,
  wanted: RollbackWanted,
  onProgress: (line: string) => void,
): Promise<Promoted> {
  const { registries, ledger } = release;
  const { candidate, change } = await planRollback(release, wanted);
  const { channel } = change;
  const from = registries.named(wanted.registry ?? channel.verifyFrom);
  await change.gates(await readChannel(ledger, channel.name));
  await refuseLocked(release, channel.name, change.waitMs);
  const verified = await runVerification(release, imagesOf(candidate, from), {
    allowFailure: false,
    onProgress,
  });
  const promotion = await carryOut(release, change, onProgress);
  return { ...verified, promotion, products: await productsOf(release, promotion) };
}

/** The change that a rollback is, and the candidate to be verified before it. */
export async function planRollback(
  release: Release,
  wanted: RollbackWanted,
): Promise<{ change: Change; candidate: CandidateData }> {
  const channel = channelNamed(release.pipeline, wanted.channel);
  const entries = await release.ledger.history(channelStream(channel.name));
  const target = targetOf(channel, entries.filter(isChange), wanted.to);
  const { commit, release: name } = target;
  const images = await imagesHeld(release, target);
  const change: Change = {
    ...{ kind: "rollback", channel, commit, images, release: name, branch: undefined },
    ...{ reason: wanted.reason, waitMs: wanted.waitMs ?? 0 },
    command: `rollback --channel ${channel.name} --to ${commit}`,
    gates: async (state) => {
      const results = await rollbackDemands(release, channel, { ...target, images }, state);
      enforce(channel.name, commit, results);
      return results;
    },
  };
  return { change, candidate: candidateOf(release.pipeline, commit, images) };
}

/** What the channel is to hold again. */
function targetOf(
  { name }: PipelineChannel,
  entries: readonly Entry<ChangeRecord>[],
  to: string | undefined,
): Holding {
  // What was taken back right after it was written down was never held.
  const ended = entries.filter(
    ({ record }, index) =>
      record.state === "finished" && entries[index - 1]?.record.state !== "undone",
  );
  const now = entries[0]?.record;
  const current = now && (now.state === "finished" ? now.holds : now.held);
  const blocked = new Set(now?.blocked);
  const held = ended.flatMap(({ record }) => record.holds ?? []);
  const found =
    to === undefined
      ? held.find(({ commit }) => commit !== current?.commit && !blocked.has(commit))
      : held.find(({ commit, release }) => release === to || isCommit(commit, to));
  if (found) return found;
  const known = [...new Set(held.map(({ commit, release }) => release ?? commit.slice(0, 12)))];
  throw new SluiceError(
    "ROLLBACK_UNKNOWN",
    to === undefined
      ? `${name} held nothing else before that it could go back to`
      : `${name} never held ${JSON.stringify(to.slice(0, 200))}`,
    {
      hint:
        known.length === 0
          ? "promote a candidate first"
          : `name one of: ${known.slice(0, 10).join(", ")} (see sluice call history)`,
    },
  );
}

/** People copy commits from tables, where they are short. */
function isCommit(commit: string, text: string): boolean {
  return /^[0-9a-f]{7,40}$/.test(text) && commit.startsWith(text);
}

/** The images of that time, which every registry still has to have. */
async function imagesHeld(
  { pipeline, registries }: Pick<Release, "pipeline" | "registries">,
  { digests, commit }: Holding,
): Promise<TargetImage[]> {
  return Promise.all(
    registries.all.flatMap((registry) =>
      pipeline.services.map(async (service) => {
        const digest = digests[service.name];
        if (digest === undefined) throw withoutService(service.name, commit);
        const client = await registry.client("read");
        const manifest = await client.get(registry.repositoryOf(service).path, digest);
        return { service, registry, manifest };
      }),
    ),
  );
}

function withoutService(name: string, commit: string): SluiceError {
  return new SluiceError(
    "ROLLBACK_IMPOSSIBLE",
    `${commit.slice(0, 12)} had no service ${name}: going back would leave it as it is`,
    { hint: "roll back with the pipeline file of that time, or fix forward" },
  );
}
