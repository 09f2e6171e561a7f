import { describe, expect, it } from "vitest";
import { channelState } from "../../.dagger/src/ledger/channel-state.ts";
import { commitState } from "../../.dagger/src/ledger/commit-state.ts";
import type { Entry, LedgerRecord } from "../../.dagger/src/ledger/model.ts";

const commit = "a".repeat(40);
const other = "b".repeat(40);
const digest = (of: string) => `sha256:${of.repeat(64)}`;
const common = {
  version: 1,
  pipeline: "shop",
  at: "2026-11-21T10:00:00.000Z",
  by: "operator",
} as const;

/** The records as a history: newest first. */
function entries(stream: string, records: LedgerRecord[]): Entry[] {
  return records
    .map((record, index) => ({
      ...{ stream, sequence: index + 1, digest: digest(`${index + 1}`), record },
      previous: index === 0 ? null : digest(`${index}`),
    }))
    .toReversed();
}

describe("a channel", () => {
  const held = { commit: other, digests: { backend: digest("0") } };
  const holds = { commit, release: "v1.0.0", digests: { backend: digest("f") } };
  const change = (
    kind: "promotion" | "rollback",
    state: "started" | "finished" | "undone",
    more: { blocked?: string[]; holds?: typeof held | null } = {},
  ): LedgerRecord => ({
    ...{ ...common, kind, channel: "prod", tag: "prod", commit, state, moves: [], gates: [] },
    ...{ holds, held, blocked: [], ...more },
  });
  const deployment: LedgerRecord = {
    ...{ ...common, kind: "deployment", channel: "prod", target: "fly", commit },
    ...{ environment: "live", cause: "deployment", digests: {}, outcome: "succeeded" },
    ...{ reason: "done", holds: null, held: null, blocked: [] },
  };
  const of = (...records: LedgerRecord[]) => channelState(entries("channel.prod", records));

  it("without records holds nothing", () => {
    expect(of()).toEqual({ head: undefined, holds: null, blocked: [], interrupted: undefined });
    expect(of(deployment)).toMatchObject({ head: { sequence: 1 }, holds: null });
  });

  it("holds what was promoted last, also after a deployment", () => {
    expect(
      of(change("promotion", "started"), change("promotion", "finished"), deployment),
    ).toMatchObject({
      head: { sequence: 3 },
      holds,
      interrupted: undefined,
    });
  });

  it("whose last change has no end was interrupted, and holds what it held", () => {
    const state = of(
      change("promotion", "finished"),
      change("rollback", "started", { blocked: [commit] }),
    );
    expect(state).toMatchObject({ holds: held, blocked: [commit], interrupted: { sequence: 2 } });
  });

  it("holds what an undone change says", () => {
    const state = of(
      change("promotion", "started"),
      change("promotion", "undone", { holds: held }),
    );
    expect(state).toMatchObject({ holds: held, interrupted: undefined });
    expect(of(change("promotion", "undone", { holds: null })).holds).toBeNull();
  });
});

describe("a commit", () => {
  const images = { backend: digest("1"), frontend: digest("2") };
  const candidate: LedgerRecord = {
    ...common,
    kind: "candidate",
    commit,
    digests: images,
    scope: {},
  };
  const verification = (passed: boolean, digests = images): LedgerRecord => ({
    ...{ ...common, kind: "verification", commit, digests, registry: "ghcr", passed },
    ...{ reason: passed ? "all passed" : "backend exited", durationMs: 1 },
  });
  const rejection: LedgerRecord = { ...common, kind: "rejection", commit, reason: "wrong prices" };
  const approval: LedgerRecord = {
    ...common,
    kind: "approval",
    commit,
    channel: "prod",
    note: "ok",
  };
  const of = (...records: LedgerRecord[]) => commitState(entries(`commit.${commit}`, records));

  it("nobody knows of is neither a candidate nor rejected", () => {
    expect(of()).toEqual({
      ...{ candidate: undefined, rejectedBy: undefined },
      ...{ verifications: [], approvals: [] },
    });
  });

  it("has its newest candidate, and all verifications and approvals, newest first", () => {
    const again = { ...candidate, at: "2026-11-22T10:00:00.000Z" };
    const state = of(candidate, verification(true), approval, again, verification(false), approval);
    expect(state.candidate).toMatchObject({ sequence: 4, record: { at: again.at } });
    expect(state.verifications.map(({ sequence }) => sequence)).toEqual([5, 2]);
    expect(state.approvals.map(({ sequence }) => sequence)).toEqual([6, 3]);
  });

  it.each([
    ["failed", [candidate, verification(false)], 2],
    ["passed before it failed", [candidate, verification(true), verification(false)], 3],
    ["was rejected", [candidate, verification(true), rejection], 3],
    ["was rejected without a candidate", [rejection], 1],
    [
      "failed, and passed with other images",
      [candidate, verification(false), verification(true, { ...images, backend: digest("9") })],
      2,
    ],
    [
      "failed, and passed without one of its images",
      [
        candidate,
        verification(false),
        verification(true, { backend: digest("1") } as typeof images),
      ],
      2,
    ],
    ["was approved all the same", [candidate, rejection, approval], 2],
    ["was rejected, and passed later", [candidate, rejection, verification(true)], 2],
    ["failed twice", [verification(false), verification(false)], 2],
  ])("that %s is rejected", (_, records, sequence) => {
    expect(of(...records).rejectedBy).toMatchObject({ sequence });
  });

  it.each([
    ["only passed", [candidate, verification(true)]],
    ["failed, and passed later", [candidate, verification(false), verification(true)]],
  ])("that %s is not rejected", (_, records) => {
    expect(of(...records).rejectedBy).toBeUndefined();
  });
});
