import { describe, expect, it } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { evaluateGates } from "../../.dagger/src/gates/evaluate.ts";
import type { Check } from "../../.dagger/src/gates/checks/check.ts";
import type { GateFacts } from "../../.dagger/src/gates/facts.ts";
import { type Gate, gateResultSchema } from "../../.dagger/src/gates/gate.ts";
import { gatesOf } from "../../.dagger/src/gates/gates-of.ts";
import type { History } from "../../.dagger/src/git/history.ts";
import { channelWith, factsOf, verdict } from "../support/gateFacts.ts";

const commit = "c".repeat(40);
/** A repository of which nothing can be found out. */
const history: History = {
  remote: undefined,
  branch: () => Promise.reject(new Error("no git here")),
  tags: () => Promise.reject(new Error("no git here")),
  relation: () => Promise.reject(new Error("no git here")),
  file: () => Promise.reject(new Error("no git here")),
  changed: () => Promise.reject(new Error("no git here")),
};
const facts = (more: Partial<GateFacts> = {}) => factsOf({ commit, history, ...more });

const everything = [
  "after: [main], branch: production, gates: { onBranch: main, headOf: main, release: semver",
  "sameReleaseAs: staging, checks: true, changelog: true, referrers: [application/spdx+json]",
  'window: { from: "09:00" }, approvals: 1, settings: [TOKEN] }',
].join(", ");

describe("the gates of a channel", () => {
  it("are three, when its file asks for none", () => {
    expect(gatesOf(channelWith(""), facts()).map(({ name }) => name)).toEqual([
      "not-rejected",
      "never-backwards",
      "not-rolled-back",
    ]);
  });

  it("are those that its file asks for, each explained in a sentence", () => {
    const gates = gatesOf(channelWith(everything), facts());
    expect(gates.map(({ name }) => name)).toEqual([
      "not-rejected",
      "never-backwards",
      "not-rolled-back",
      "prerequisites",
      "on-branch",
      "stale-head",
      "fast-forward",
      "release",
      "same-release",
      "changelog",
      "checks",
      "referrers",
      "approvals",
      "window",
      "settings",
    ]);
    for (const { explanation } of gates) expect(explanation).toMatch(/^\S.{20,150}\.$/);
  });

  it("all answer in their order, and what can't be found out fails with a next step", async () => {
    const broken = facts({
      holding: () => Promise.reject(new Error("no ledger")),
      commitRecords: () => {
        throw new SluiceError("LEDGER_BROKEN", "a record is missing", { hint: "look at it" });
      },
      checks: () => Promise.reject(new Error("no CI")),
      referrers: () => Promise.reject(new Error("no registry")),
      now: () => new Date(NaN),
    });
    const gates = gatesOf(channelWith(everything), broken);
    const results = await evaluateGates(gates);
    expect(results.map(({ gate }) => gate)).toEqual(gates.map(({ name }) => name));
    const passing = results.filter(({ outcome }) => outcome === "pass").map(({ gate }) => gate);
    expect(passing).toEqual(["never-backwards", "not-rolled-back"]);
    for (const result of results) {
      expect(gateResultSchema.parse(result)).toEqual(result);
      if (result.outcome === "fail") expect(result.next).toMatch(/\S/);
    }
    expect(results[0]).toEqual({
      gate: "not-rejected",
      outcome: "fail",
      why: "can't be found out: a record is missing",
      next: "look at it",
      evidence: { code: "LEDGER_BROKEN" },
    });
  });

  it("say one line of bounded length, whatever others wrote", async () => {
    const gate: Gate = {
      name: "odd",
      explanation: "Repeats what others wrote.",
      check: () =>
        Promise.resolve({
          gate: "odd",
          outcome: "fail",
          why: "rejected:\n\u001b[2Jall\u2028is well",
          next: "x".repeat(5000),
          evidence: { log: "a\r\nb" },
        }),
    };
    const [result] = await evaluateGates([gate]);
    expect(result).toMatchObject({ why: "rejected: [2Jall is well", evidence: { log: "a b" } });
    expect(result?.next).toHaveLength(1000);
  });

  it("read the tags once, whoever looks at them", async () => {
    let reads = 0;
    const counted = { ...history, tags: () => Promise.resolve((reads++, [])) };
    await evaluateGates(gatesOf(channelWith(everything), facts({ history: counted })));
    expect(reads).toBe(1);
  });
});

describe("checks", () => {
  const green = (name: string): Check => ({ name, green: true, state: "success" });
  const red = (name: string, state = "failure"): Check => ({ name, green: false, state });
  const having = (...checks: Check[]) => facts({ checks: () => Promise.resolve(checks) });

  it.each<[string, Check[], string]>([
    ["true", [green("unit"), green("e2e")], "2 checks are green"],
    ["[unit]", [green("unit"), red("nightly")], "1 check is green"],
  ])("%s pass", async (wanted, checks, why) => {
    expect(
      await verdict(`gates: { checks: ${wanted} }`, "checks", having(...checks)),
    ).toMatchObject({ outcome: "pass", why });
  });

  it.each<[string, Check[], string]>([
    ["true", [], "expected green checks on cccccccccccc, found none at all"],
    ["[unit]", [], "found none at all"],
    [
      "true",
      [green("unit"), red("e2e"), red("lint", "in_progress")],
      "e2e is failure; lint is in_progress",
    ],
    [
      "[unit, e2e]",
      [green("unit"), red("nightly")],
      "expected green checks on cccccccccccc: e2e never ran",
    ],
    ["[unit]", [green("unit"), red("unit")], "unit is failure"],
  ])("%s fail", async (wanted, checks, why) => {
    const result = await verdict(`gates: { checks: ${wanted} }`, "checks", having(...checks));
    expect(result).toMatchObject({
      outcome: "fail",
      why: expect.stringContaining(why) as string,
    });
  });
});

describe("referrers", () => {
  const keys = "gates: { referrers: [application/spdx+json, application/vnd.in-toto+json] }";

  it("pass when every image has them", async () => {
    const asked: string[] = [];
    const result = await verdict(
      keys,
      "referrers",
      facts({
        referrers: (service) => {
          asked.push(service);
          return Promise.resolve(["application/vnd.in-toto+json", "application/spdx+json", "x/y"]);
        },
      }),
    );
    expect(result).toMatchObject({ outcome: "pass", evidence: { images: "2" } });
    expect(asked.sort()).toEqual(["backend", "frontend"]);
  });

  it("name each image that lacks one", async () => {
    const all = ["application/spdx+json", "application/vnd.in-toto+json"];
    const referrers = (service: string) =>
      Promise.resolve(service === "backend" ? all.slice(1) : all);
    expect(await verdict(keys, "referrers", facts({ referrers }))).toMatchObject({
      outcome: "fail",
      why: `expected ${all.join(", ")} on every image: backend@111111111111 lacks application/spdx+json`,
    });
  });

  it("fail when they can't be asked for", async () => {
    const referrers = (service: string) =>
      service === "backend" ? Promise.reject(new Error("hub answered 503")) : Promise.resolve([]);
    expect((await verdict(keys, "referrers", facts({ referrers }))).why).toBe(
      "can't be found out: hub answered 503",
    );
  });
});

describe("a deployment window", () => {
  const office = 'days: [mon, fri], from: "09:00", to: "17:00", timezone: Europe/Berlin';
  const night = 'days: [fri], from: "22:00", to: "04:00"';

  it.each([
    [
      office,
      "2026-01-30T08:00:00Z",
      "pass",
      "fri 09:00 Europe/Berlin is within mon, fri 09:00–17:00",
    ],
    [office, "2026-01-30T07:59:59Z", "fail", "it is fri 08:59 Europe/Berlin"],
    [office, "2026-01-30T16:00:00Z", "fail", "it is fri 17:00 Europe/Berlin"],
    [office, "2026-01-29T12:00:00Z", "fail", "it is thu 13:00 Europe/Berlin"],
    // In summer, Berlin is two hours ahead.
    [office, "2026-07-31T07:00:00Z", "pass", "fri 09:00 Europe/Berlin"],
    [night, "2026-01-30T23:30:00Z", "pass", "fri 23:30 UTC is within fri 22:00–04:00 UTC"],
    [night, "2026-01-31T03:59:00Z", "pass", "sat 03:59 UTC"],
    [night, "2026-01-31T04:00:00Z", "fail", "it is sat 04:00 UTC"],
    [night, "2026-01-30T03:00:00Z", "fail", "it is fri 03:00 UTC"],
    ['from: "00:00", to: "24:00"', "2026-01-30T00:00:00Z", "pass", "any day 00:00–24:00 UTC"],
    ["timezone: Pacific/Kiritimati, days: [sat]", "2026-01-30T10:00:00Z", "pass", "sat 00:00"],
  ])("of {%s} at %s: %s", async (window, now, outcome, why) => {
    const result = await verdict(
      `gates: { window: {${window}} }`,
      "window",
      facts({ now: () => new Date(now) }),
    );
    expect(result.outcome).toBe(outcome);
    expect(result.why).toContain(why);
    if (outcome === "fail") expect(result.next).toBe("wait until the window opens");
  });
});

describe("settings", () => {
  const keys = "gates: { settings: [AZURE_TENANT_ID, ACR_NAME] }";

  it("pass when all are given", async () => {
    const given = facts({ settings: new Set(["ACR_NAME", "AZURE_TENANT_ID"]) });
    expect((await verdict(keys, "settings", given)).outcome).toBe("pass");
  });

  it("name each one that is missing", async () => {
    const given = facts({ settings: new Set(["ACR_NAME"]) });
    expect(await verdict(keys, "settings", given)).toMatchObject({
      outcome: "fail",
      why: "expected values for AZURE_TENANT_ID, ACR_NAME; missing or empty: AZURE_TENANT_ID",
      next: "give AZURE_TENANT_ID, as the environment's variables or secrets",
    });
  });
});
