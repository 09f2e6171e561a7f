import type { GateFacts } from "../../.dagger/src/gates/facts.ts";
import type { Gate, GateResult } from "../../.dagger/src/gates/gate.ts";
import { evaluateGates } from "../../.dagger/src/gates/evaluate.ts";
import { gatesOf } from "../../.dagger/src/gates/gates-of.ts";
import type { Holding, LedgerRecord } from "../../.dagger/src/ledger/model.ts";
import type { PipelineChannel } from "../../.dagger/src/pipeline/model.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

/** The candidate's images. */
export const digests = { backend: digest("1"), frontend: digest("2") };
/** Other images of the same services. */
export const otherDigests = { backend: digest("3"), frontend: digest("2") };

/** What a channel holds. */
export function holding(commit: string, more: Partial<Holding> = {}): Holding {
  return { commit, digests, ...more };
}

const common = { version: 1, pipeline: "shop", at: "2026-01-31T12:00:00Z", by: "ada" } as const;

/** Records as a ledger would answer them. */
export const record = {
  candidate: (commit: string, committedAt?: string): LedgerRecord => ({
    ...common,
    kind: "candidate",
    commit,
    digests,
    scope: {},
    ...(committedAt === undefined ? {} : { committedAt }),
  }),
  verification: (commit: string, passed: boolean, of = digests): LedgerRecord => ({
    ...common,
    kind: "verification",
    commit,
    digests: of,
    registry: "ghcr",
    passed,
    reason: passed ? "all answered" : "backend exited with 1",
    durationMs: 1000,
  }),
  rejection: (commit: string): LedgerRecord => ({
    ...common,
    kind: "rejection",
    commit,
    reason: "wrong prices",
  }),
  approval: (commit: string, by: string, channel = "prod"): LedgerRecord => ({
    ...common,
    by,
    kind: "approval",
    commit,
    channel,
    note: "",
  }),
};

/** Facts that nothing speaks against. */
export function factsOf(
  facts: Pick<GateFacts, "commit" | "history"> & Partial<GateFacts>,
): GateFacts {
  return {
    digests,
    channelState: { holds: null, blocked: [] },
    settings: new Set(),
    replay: false,
    holding: () => Promise.resolve(null),
    commitRecords: () => Promise.resolve([]),
    checks: () => Promise.resolve([]),
    referrers: () => Promise.resolve([]),
    signatures: () => Promise.resolve([]),
    setting: () => Promise.resolve(undefined),
    now: () => new Date("2026-01-30T12:00:00Z"),
    ...facts,
  };
}

/** The channel `prod` with these keys, after `main` and `staging`. */
export function channelWith(keys: string): PipelineChannel {
  const text = `
version: 1
name: shop
services: { backend: { port: 80, probe: { path: / } }, frontend: { job: {} } }
registries: { ghcr: { address: ghcr.io/acme }, hub: { address: docker.io/acme } }
channels:
  main: {}
  staging: { gates: { release: semver } }
  prod: { ${keys} }
`;
  const channel = parsePipeline(text, "release.yaml").channels.at(-1);
  if (!channel) throw new Error("no channel");
  return channel;
}

/** The gate of that name among those of a channel. */
export function gateOf(keys: string, name: string, facts: GateFacts): Gate {
  const gate = gatesOf(channelWith(keys), facts).find((one) => one.name === name);
  if (!gate) throw new Error(`no gate ${name}`);
  return gate;
}

/** What the gate of that name says. */
export async function verdict(keys: string, name: string, facts: GateFacts): Promise<GateResult> {
  const [result] = await evaluateGates([gateOf(keys, name, facts)]);
  if (!result) throw new Error("no result");
  return result;
}
