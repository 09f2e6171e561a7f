import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { factsOf, holding, record, verdict } from "../support/gateFacts.ts";
import { releaseHistory, type ReleaseHistory } from "../support/releaseHistory.ts";

let repository: ReleaseHistory;
beforeAll(async () => {
  repository = await releaseHistory();
});
afterAll(() => repository.remove());

type Name = keyof ReleaseHistory["commits"];
const at = (name: Name) => repository.commits[name];
const short = (name: Name) => at(name).slice(0, 12);

const withoutRemote = () => ({ ...bound(), remote: undefined });
/** The history's functions, so that one of them can be replaced. */
const bound = () => ({
  remote: repository.history.remote,
  branch: (name: string) => repository.history.branch(name),
  tags: () => repository.history.tags(),
  relation: (one: string, other: string) => repository.history.relation(one, other),
  file: (commit: string, path: string) => repository.history.file(commit, path),
  changed: (from: string | undefined, to: string) => repository.history.changed(from, to),
});
const unreachable = () => ({
  ...bound(),
  branch: () =>
    Promise.reject(
      new SluiceError("REMOTE_UNREACHABLE", "github.com does not answer", { hint: "try again" }),
    ),
});

const facts = (commit: Name, more: Partial<Parameters<typeof factsOf>[0]> = {}) =>
  factsOf({ commit: at(commit), history: repository.history, ...more });

describe("never backwards", () => {
  const state = (held: Name) => ({ channelState: { holds: holding(at(held)), blocked: [] } });

  it.each<[Name, Name, string]>([
    ["c", "b", "is newer than"],
    ["b", "b", "prod holds this commit already"],
    ["hotfix", "c", "has left the line of"],
    ["alien", "c", "has left the line of"],
  ])("%s passes where %s is held", async (commit, held, why) => {
    const result = await verdict("", "never-backwards", facts(commit, state(held)));
    expect(result).toMatchObject({ outcome: "pass", why: expect.stringContaining(why) as string });
  });

  it("passes where nothing is held", async () => {
    expect(await verdict("", "never-backwards", facts("a"))).toMatchObject({
      outcome: "pass",
      why: "prod holds nothing yet",
    });
  });

  it("refuses an ancestor, and says how to go back on purpose", async () => {
    expect(await verdict("", "never-backwards", facts("a", state("c")))).toEqual({
      gate: "never-backwards",
      outcome: "fail",
      why: `expected a commit that is not older than ${short("c")}, which prod holds; ${short("a")} is its ancestor`,
      next: `promote a newer commit, or go back on purpose: sluice call rollback --channel prod --to ${at("a")} --reason <why>`,
      evidence: { commit: at("a"), held: at("c"), relation: "ancestor", by: "history" },
    });
  });

  it("refuses what it can't compare, and says what to fetch", async () => {
    expect(await verdict("", "never-backwards", facts("c", state("missing")))).toEqual({
      gate: "never-backwards",
      outcome: "fail",
      why: expect.stringContaining(
        `can't be found out: commit ${at("missing")} can't be looked at`,
      ) as string,
      next: expect.stringContaining("git fetch --unshallow") as string,
      evidence: { code: "HISTORY_MISSING" },
    });
  });

  it.each([
    ["2026-01-30T10:00:00+01:00", "2026-01-30T10:00:00Z", "pass"],
    ["2026-01-30T10:00:00Z", "2026-01-30T10:00:00+01:00", "fail"],
    ["2026-01-30T10:00:00Z", "2026-01-30T10:00:00Z", "fail"],
    ["2026-01-30T10:00:00Z", undefined, "fail"],
    ["yesterday", "2026-01-30T10:00:00Z", "fail"],
  ] as const)(
    "goes by the candidates' times where history is missing: held %s, new %s → %s",
    async (held, mine, outcome) => {
      const commitRecords = (commit: string) =>
        Promise.resolve([record.candidate(commit, commit === at("c") ? mine : held)]);
      const result = await verdict(
        "",
        "never-backwards",
        facts("c", { ...state("missing"), commitRecords }),
      );
      expect(result.outcome).toBe(outcome);
      if (outcome === "pass") expect(result.why).toContain("by commit times");
    },
  );
});

describe("not rolled back", () => {
  const blocked = (holds: Name, ...names: Name[]) => ({
    channelState: { holds: holding(at(holds)), blocked: names.map(at) },
  });

  it.each<[Name, string]>([
    ["d", "is not older than what was rolled back"],
    ["hotfix", "is not older than what was rolled back"],
    ["a", "prod holds this commit since it was rolled back"],
  ])("%s passes after c was rolled back to a", async (commit, why) => {
    const result = await verdict("", "not-rolled-back", facts(commit, blocked("a", "c")));
    expect(result).toMatchObject({ outcome: "pass", why: expect.stringContaining(why) as string });
  });

  it.each<[Name, string]>([
    ["c", "was rolled back on prod"],
    ["b", "is older than"],
  ])("%s is refused after c was rolled back to a", async (commit, why) => {
    expect(await verdict("", "not-rolled-back", facts(commit, blocked("a", "c")))).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(why) as string,
      next: "promote a commit that contains the fix",
    });
  });

  it("passes where nothing was rolled back", async () => {
    expect((await verdict("", "not-rolled-back", facts("c"))).outcome).toBe("pass");
  });

  it("refuses what it can't compare", async () => {
    const result = await verdict("", "not-rolled-back", facts("c", blocked("a", "missing")));
    expect(result).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(`commit ${at("missing")} can't be looked at`) as string,
      evidence: { code: "HISTORY_MISSING" },
    });
  });
});

describe("fast-forward", () => {
  const reconcile = "sluice call reconcile --channel prod";

  it.each<[Name, string, string]>([
    ["c", "production", "production moves forward from"],
    ["b", "production", "production is at"],
    ["c", "newborn", "newborn does not exist yet; the promotion creates it"],
  ])("to %s of %s passes", async (commit, branch, why) => {
    expect(await verdict(`branch: ${branch}`, "fast-forward", facts(commit))).toMatchObject({
      outcome: "pass",
      why: expect.stringContaining(why) as string,
    });
  });

  it.each<[Name, string, string, string]>([
    ["a", "production", "production is ahead: its head", "promote "],
    ["c", "drifted", "drifted has drifted: its head", reconcile],
    ["c", "foreign", "have no common ancestor, so it can never be fast-forwarded", reconcile],
  ])("to %s of %s is refused with its reason", async (commit, branch, why, next) => {
    expect(await verdict(`branch: ${branch}`, "fast-forward", facts(commit))).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(why) as string,
      next: expect.stringContaining(next) as string,
      evidence: { commit: at(commit), branch },
    });
  });

  it("is refused without a remote, and when the remote does not answer", async () => {
    const keys = "branch: production";
    expect(
      await verdict(keys, "fast-forward", facts("c", { history: withoutRemote() })),
    ).toMatchObject({
      outcome: "fail",
      why: "can't be found out: the source has no remote to ask for production",
    });
    expect(
      await verdict(keys, "fast-forward", facts("c", { history: unreachable() })),
    ).toMatchObject({
      outcome: "fail",
      why: "can't be found out: github.com does not answer",
      next: "try again",
    });
  });
});

describe("on branch", () => {
  it.each<[Name]>([["a"], ["c"]])("%s is on main", async (commit) => {
    const result = await verdict("gates: { onBranch: main }", "on-branch", facts(commit));
    expect(result).toMatchObject({ outcome: "pass", why: `${short(commit)} is on main` });
  });

  it.each<[Name]>([["d"], ["hotfix"], ["alien"]])("%s is not on main", async (commit) => {
    const result = await verdict("gates: { onBranch: main }", "on-branch", facts(commit));
    expect(result).toMatchObject({
      outcome: "fail",
      why: `${short(commit)} is not on main, whose head is ${short("c")}`,
      next: "merge it into main first, or promote a commit of main",
    });
  });

  it("is refused for a branch that is not there, and a commit that isn't", async () => {
    expect(await verdict("gates: { onBranch: mian }", "on-branch", facts("c"))).toMatchObject({
      outcome: "fail",
      why: "the remote has no branch mian",
    });
    expect(await verdict("gates: { onBranch: main }", "on-branch", facts("missing"))).toMatchObject(
      { outcome: "fail", evidence: { code: "HISTORY_MISSING" } },
    );
  });
});

describe("stale head", () => {
  const keys = "gates: { headOf: main }";

  it("passes the head of the branch", async () => {
    expect((await verdict(keys, "stale-head", facts("c"))).outcome).toBe("pass");
  });

  it("refuses a commit that was overtaken, naming the head", async () => {
    expect(await verdict(keys, "stale-head", facts("b"))).toMatchObject({
      outcome: "fail",
      why: `expected the head of main, ${short("c")}, found ${short("b")}`,
      next: `promote ${at("c")}, or replay this commit by hand: --replay`,
    });
  });

  it("passes a replay by hand, also while the remote does not answer", async () => {
    const replay = facts("a", { replay: true, history: unreachable() });
    expect((await verdict(keys, "stale-head", replay)).outcome).toBe("pass");
  });

  it("refuses while the remote does not answer", async () => {
    expect(await verdict(keys, "stale-head", facts("c", { history: unreachable() }))).toMatchObject(
      { outcome: "fail", evidence: { code: "REMOTE_UNREACHABLE" } },
    );
  });
});
