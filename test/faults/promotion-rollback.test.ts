import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { gitRemote } from "../support/gitRemote.ts";
import { held, sha256 } from "../support/registryContent.ts";
import { only } from "../support/registryFaults.ts";
import { answers, type Fault } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { namesOtherDigest } from "../support/registryRetold.ts";
import { promoteIn, recoverIn, refusalOf, rollbackIn, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

type Commits = readonly [first: string, second: string, third: string];

/** A yard with gates, on whose main are three commits; prod holds the first one. */
async function yardOfThree(): Promise<FrontedYard & { commits: Commits }> {
  const remote = await gitRemote();
  const commits: Commits = [
    await remote.git("rev-parse", "HEAD"),
    await remote.commit("Sell more"),
    await remote.commit("Hang no more"),
  ];
  await remote.git("push", "--quiet", "origin", "main");
  const own = await frontedYard(registries, commits, { remote: remote.bare, gated: true });
  return { ...own, commits };
}

async function expectHeld({ yard }: FrontedYard, commit: string, blocked: string[]): Promise<void> {
  const status = await statusIn(yard);
  expect(status.drift).toEqual([]);
  expect(status.holds?.commit).toBe(commit);
  expect(status.blocked).toEqual(blocked);
}

const secondRecord = (fault: Fault): Fault => {
  let records = 0;
  return only(
    /^PUT .*-ledger\/manifests\/channel\.prod\.\d+$/,
    (incoming, answer) => ++records === 2 && fault(incoming, answer),
  );
};

describe("a rollback", () => {
  it("goes to what was held before, and sticks until something newer is promoted", async () => {
    const own = await yardOfThree();
    const [first, second, third] = own.commits;
    await promoteIn(own.yard, second);
    const { kind, commit, moves } = await rollbackIn(own.yard);
    expect([kind, commit]).toEqual(["rollback", first]);
    expect(moves).toHaveLength(6);
    await expectHeld(own, first, [second]);
    const { code, message } = await refusalOf(promoteIn(own.yard, second));
    expect(code).toBe("GATES_FAILED");
    expect(message).toContain("not-rolled-back");
    expect(message).toContain("Next: promote a commit that contains the fix");
    await expectHeld(own, first, [second]);
    await promoteIn(own.yard, third);
    await expectHeld(own, third, []);
    await own.stop();
  });

  it("goes to a commit by its first digits, and to nothing that the channel never held", async () => {
    const own = await yardOfThree();
    const [first, second, third] = own.commits;
    const none = await refusalOf(rollbackIn(own.yard));
    expect(none.code).toBe("ROLLBACK_UNKNOWN");
    expect(none.message).toContain("prod held nothing else before that it could go back to");
    await promoteIn(own.yard, second);
    own.forget();
    const never = await refusalOf(rollbackIn(own.yard, third));
    expect(never.code).toBe("ROLLBACK_UNKNOWN");
    expect(never.message).toContain(`prod never held "${third}"`);
    expect(never.message).toContain(`name one of: ${second.slice(0, 12)}, ${first.slice(0, 12)}`);
    expect(own.writes()).toEqual([]);
    await rollbackIn(own.yard, first.slice(0, 8));
    await expectHeld(own, first, [second]);
    await own.stop();
  });

  it("moves nothing when a registry has lost an image of that time", async () => {
    const own = await yardOfThree();
    const [, second] = own.commits;
    const repository = `${own.yard.name}/backend`;
    const { origin = "" } = registries[1] ?? {};
    const gone = sha256((await held(origin, repository, "manifests/prod")) ?? Buffer.of());
    await promoteIn(own.yard, second);
    await fetch(`${origin}/v2/${repository}/manifests/${gone}`, { method: "DELETE" });
    own.forget();
    const { code, message } = await refusalOf(rollbackIn(own.yard));
    expect(code).toBe("MANIFEST_NOT_FOUND");
    expect(message).toContain(`${own.yard.registries.dockerhub}/${repository}@${gone}`);
    expect(own.writes()).toEqual([]);
    await expectHeld(own, second, []);
    await own.stop();
  });

  it("that was cut off is undone by recovery, or finished by the same rollback", async () => {
    const own = await yardOfThree();
    const [first, second] = own.commits;
    await promoteIn(own.yard, second);
    const [ledger] = own.fronts;
    /** Neither its end nor its undoing can be written down. */
    const cutOff = async (): Promise<void> => {
      let records = 0;
      const refuses: Fault = only(
        /^PUT .*-ledger\/manifests\/channel\.prod\.\d+$/,
        (incoming, answer) => {
          if (++records < 2) return false;
          ledger.faults.push(refuses);
          return answers(403)(incoming, answer);
        },
      );
      ledger.faults.push(refuses);
      expect((await refusalOf(rollbackIn(own.yard))).code).toBe("PROMOTION_FAILED");
      ledger.faults.length = 0;
      const { drift, holds } = await statusIn(own.yard);
      expect(drift).toEqual([expect.stringMatching(/^the rollback of .* was cut off/)]);
      expect(holds?.commit).toBe(second);
    };
    await cutOff();
    expect(await recoverIn(own.yard)).toMatch(/^the rollback of .* is undone/);
    await expectHeld(own, second, []);
    await cutOff();
    const { notes } = await rollbackIn(own.yard);
    expect(notes.join()).toContain("it is brought to its end");
    await expectHeld(own, first, [second]);
    await own.stop();
  });

  it("does not go to what was recorded as finished, and taken back at once", async () => {
    const own = await yardOfThree();
    const [first, second] = own.commits;
    // The record gets there, and its writer is told of another one.
    own.fronts[0].faults.push(secondRecord(namesOtherDigest(registries[0]?.origin ?? "")));
    const { code } = await refusalOf(promoteIn(own.yard, second));
    expect(code).toBe("PROMOTION_FAILED");
    await expectHeld(own, first, []);
    expect((await refusalOf(rollbackIn(own.yard))).code).toBe("ROLLBACK_UNKNOWN");
    expect((await refusalOf(rollbackIn(own.yard, second))).code).toBe("ROLLBACK_UNKNOWN");
    await own.stop();
  });
});
