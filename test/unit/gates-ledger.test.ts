import { describe, expect, it } from "vitest";
import type { GateFacts } from "../../.dagger/src/gates/facts.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import type { LedgerRecord } from "../../.dagger/src/ledger/model.ts";
import { digests, factsOf, holding, otherDigests, record, verdict } from "../support/gateFacts.ts";

const commit = "c".repeat(40);
const other = "b".repeat(40);
/** None of these gates looks at it. */
const history = {} as History;

const facts = (more: Partial<GateFacts> = {}) => factsOf({ commit, history, ...more });
const knowing = (...records: LedgerRecord[]) =>
  facts({ commitRecords: () => Promise.resolve(records) });
const unreadable = (): Promise<never> => Promise.reject(new Error("ghcr.io answered 503"));

describe("not rejected", () => {
  const { candidate, verification, rejection, approval } = record;

  it.each<[string, LedgerRecord[], string]>([
    ["knows nothing of", [candidate(commit)], "nothing speaks against cccccccccccc"],
    ["passed", [verification(commit, true)], "passed its verification"],
    [
      "passed after a failure",
      [verification(commit, false), verification(commit, true)],
      "passed its verification",
    ],
  ])("lets through what the ledger %s", async (_, records, why) => {
    expect(await verdict("", "not-rejected", knowing(...records))).toMatchObject({
      outcome: "pass",
      why: expect.stringContaining(why) as string,
    });
  });

  it.each<[string, LedgerRecord[], string]>([
    [
      "failed",
      [verification(commit, false)],
      "failed its verification at 2026-01-31T12:00:00Z: backend exited with 1",
    ],
    [
      "failed after it had passed",
      [verification(commit, true), verification(commit, false)],
      "failed its verification",
    ],
    [
      "let pass with other images",
      [verification(commit, false), verification(commit, true, otherDigests)],
      "failed its verification",
    ],
    [
      "let pass in part",
      [
        verification(commit, false),
        verification(commit, true, { backend: digests.backend } as typeof digests),
      ],
      "failed its verification",
    ],
  ])("refuses what the ledger knows as %s", async (_, records, why) => {
    expect(await verdict("", "not-rejected", knowing(...records))).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(why) as string,
      next: `promote another commit, or verify these images again: sluice call smoke-verify --commit ${commit}`,
    });
  });

  it("refuses for good what a person rejected", async () => {
    const records = [rejection(commit), verification(commit, true), approval(commit, "ada")];
    expect(await verdict("", "not-rejected", knowing(...records))).toMatchObject({
      outcome: "fail",
      why: "cccccccccccc was rejected by ada at 2026-01-31T12:00:00Z: wrong prices",
      next: "publish and promote another commit",
    });
  });

  it("refuses while the ledger can't be read", async () => {
    expect(await verdict("", "not-rejected", facts({ commitRecords: unreadable }))).toEqual({
      gate: "not-rejected",
      outcome: "fail",
      why: "can't be found out: ghcr.io answered 503",
      next: "try again; nothing is promoted while this is unknown",
      evidence: {},
    });
  });
});

describe("prerequisites", () => {
  const keys = "after: [main, staging]";
  const held = (main: Awaited<ReturnType<GateFacts["holding"]>>, staging = holding(commit)) =>
    facts({ holding: (channel) => Promise.resolve(channel === "main" ? main : staging) });

  it("pass when the channels hold the same candidate", async () => {
    expect(await verdict(keys, "prerequisites", held(holding(commit)))).toMatchObject({
      outcome: "pass",
      why: "cccccccccccc is held by main and staging",
    });
  });

  it.each([
    [null, "main holds nothing"],
    [holding(other), "main holds bbbbbbbbbbbb"],
    [holding(commit, { digests: otherDigests }), "main holds another image of backend"],
    [holding(commit, { digests: {} }), "main holds another image of backend, frontend"],
  ])("refuse otherwise (%#)", async (main, fault) => {
    expect(await verdict(keys, "prerequisites", held(main))).toMatchObject({
      outcome: "fail",
      why: `expected cccccccccccc on main and staging: ${fault}`,
      next: "promote it there first, or promote what they hold",
    });
  });

  it("refuse while the ledger can't be read", async () => {
    expect((await verdict(keys, "prerequisites", facts({ holding: unreadable }))).why).toBe(
      "can't be found out: ghcr.io answered 503",
    );
  });
});

describe("approvals", () => {
  const { approval } = record;

  it.each<[string, LedgerRecord[], string]>([
    ["1", [approval(commit, "ada")], "approved by ada"],
    ["2", [approval(commit, "ada"), approval(commit, "grace")], "approved by ada, grace"],
    ["{ from: [Ada] }", [approval(commit, "eve"), approval(commit, "ada ")], "approved by ada"],
  ])("%s pass", async (policy, records, why) => {
    const keys = `gates: { approvals: ${policy} }`;
    expect(await verdict(keys, "approvals", knowing(...records))).toMatchObject({
      outcome: "pass",
      why,
    });
  });

  it.each<[string, string, LedgerRecord[], string]>([
    ["nobody's", "1", [], "the approval of 1 person for cccccccccccc on prod, found nobody"],
    ["another commit's", "1", [approval(other, "ada")], "found nobody"],
    ["another channel's", "1", [approval(commit, "ada", "staging")], "found nobody"],
    ["an empty name's", "1", [approval(commit, " ")], "found nobody"],
    [
      "one person's, twice",
      "2",
      [approval(commit, "ada"), approval(commit, "Ada")],
      "the approval of 2 different people for cccccccccccc on prod, found Ada",
    ],
    ["a stranger's", "{ from: [ada] }", [approval(commit, "eve")], "of ada for cccccccccccc"],
  ])("of %s count for nothing", async (_, policy, records, why) => {
    const keys = `gates: { approvals: ${policy} }`;
    expect(await verdict(keys, "approvals", knowing(...records))).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(why) as string,
      next: `have it approved: sluice call approve --channel prod --commit ${commit}`,
    });
  });

  it("are missing while the ledger can't be read", async () => {
    const keys = "gates: { approvals: 1 }";
    expect((await verdict(keys, "approvals", facts({ commitRecords: unreadable }))).outcome).toBe(
      "fail",
    );
  });
});
