import { SluiceError } from "../error.ts";
import { evaluateGates } from "../gates/evaluate.ts";
import { Settings } from "../deploy/settings.ts";
import type { GateFacts } from "../gates/facts.ts";
import { githubChecks } from "../gates/checks/github-checks.ts";
import type { Gate, GateResult } from "../gates/gate.ts";
import { gatesOf } from "../gates/gates-of.ts";
import { signaturesOf } from "../gates/signed/read.ts";
import type { ImageSignature } from "../gates/signed/signature.ts";
import { releaseOf } from "../gates/release/release-of.ts";
import { githubCredentials } from "../github/connection.ts";
import type { ChannelState } from "../ledger/channel-state.ts";
import type { Holding } from "../ledger/model.ts";
import { commitStream } from "../ledger/streams.ts";
import type { PipelineChannel } from "../pipeline/model.ts";
import type { Release } from "../release.ts";
import { table } from "../report/table.ts";
import { readChannel } from "../status/channel.ts";
import { digestsOf, type TargetImage } from "./change.ts";

/** What the gates are asked about. */
export interface Asked {
  channel: PipelineChannel;
  commit: string;
  images: readonly TargetImage[];
  /** A person chose this commit. */
  replay: boolean;
  /** Git tag to promote as, where several stand on the commit. */
  release: string | undefined;
}

/** What the gates say, and the git tag that the commit is promoted as. */
export interface Demands {
  gates: readonly Gate[];
  results: GateResult[];
  release: string | undefined;
}

/** Gates that a rollback has to pass, too: the others ask for something new, or for time. */
const ROLLBACK_GATES: readonly string[] = ["not-rejected", "referrers", "signed", "settings"];

/** Asks every gate of a channel about a commit. Nothing is changed by it. */
export async function demands(
  release: Release,
  asked: Asked,
  state: ChannelState,
): Promise<Demands> {
  const facts = await factsOf(release, asked, state);
  const gates = gatesOf(asked.channel, facts);
  const [results, name] = await Promise.all([evaluateGates(gates), releaseName(asked, facts)]);
  return { gates, results, release: name };
}

/** Asks the gates that a rollback has to pass. */
export async function rollbackDemands(
  release: Release,
  channel: PipelineChannel,
  { commit, images, release: name }: Pick<Holding, "commit" | "release"> & Pick<Asked, "images">,
  state: ChannelState,
): Promise<GateResult[]> {
  const facts = await factsOf(
    release,
    { channel, commit, images, replay: true, release: name },
    state,
  );
  return evaluateGates(
    gatesOf(channel, facts).filter((gate) => ROLLBACK_GATES.includes(gate.name)),
  );
}

/** Throws `GATES_FAILED` with every gate that fails, and what to do about each. */
export function enforce(channel: string, commit: string, results: readonly GateResult[]): void {
  const failures = results.filter(({ outcome }) => outcome === "fail");
  const [first, ...others] = failures;
  if (!first) return;
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  throw new SluiceError(
    "GATES_FAILED",
    `${commit.slice(0, 12)} may not go to ${channel}: ${first.gate}: ${first.why}${more}`,
    {
      detail: table(
        others.map(({ gate, why, next }) => [`  ✘ ${gate}`, next ? `${why} (${next})` : why]),
      ).join("\n"),
      hint: first.next ?? `see them all: sluice call plan --channel ${channel} summary`,
    },
  );
}

async function factsOf(release: Release, asked: Asked, state: ChannelState): Promise<GateFacts> {
  const { ledger } = release;
  const { commit, images, channel } = asked;
  const given = new Settings(release);
  const [history, settings] = await Promise.all([
    release.history(),
    given.given(channel.gates.settings),
  ]);
  return {
    ...{ commit, history, settings, replay: asked.replay, channelState: state },
    digests: digestsOf(images),
    ...(asked.release === undefined ? {} : { wantedRelease: asked.release }),
    holding: async (name) => (await readChannel(ledger, name)).holds,
    commitRecords: async (one) =>
      (await ledger.history(commitStream(one))).map(({ record }) => record).reverse(),
    checks: async (one) => githubChecks(history.remote, one, await githubCredentials(release)),
    referrers: (service) => referrersOf(images, service),
    signatures: (service) => signaturesIn(images, service),
    setting: (name) => given.find(name),
    now: () => new Date(),
  };
}

/** Signatures in any registry. */
async function signaturesIn(images: Asked["images"], service: string): Promise<ImageSignature[]> {
  const all = await Promise.all(
    images
      .filter((one) => one.service.name === service)
      .map(async ({ registry, service: own, manifest }) => {
        const client = await registry.client("read");
        return signaturesOf(client, registry.repositoryOf(own).path, manifest.digest);
      }),
  );
  return all.flat();
}

/** Artifact types in any registry: a promotion brings them to all. */
async function referrersOf(images: Asked["images"], service: string): Promise<string[]> {
  const all = await Promise.all(
    images
      .filter((one) => one.service.name === service)
      .map(async ({ registry, service: own, manifest }) => {
        const client = await registry.client("read");
        return client.referrers(registry.repositoryOf(own).path, manifest.digest);
      }),
  );
  return all.flat().flatMap(({ artifactType }) => artifactType ?? []);
}

/** The git tag to promote as; undefined for channels that ask for none. */
async function releaseName(
  { channel, commit, release: wanted }: Asked,
  { history }: GateFacts,
): Promise<string | undefined> {
  const policy = channel.gates.release;
  if (policy) {
    // Where it can't be found out, the gate says so.
    const tags = await history.tags().catch(() => []);
    return releaseOf(policy, commit, tags, wanted).release;
  }
  if (wanted === undefined) return undefined;
  throw new SluiceError("ARGUMENTS_INVALID", `--release: ${channel.name} asks for no release`, {
    hint: "leave --release out, or add gates.release to the channel",
  });
}
