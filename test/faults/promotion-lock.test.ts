import { rename } from "node:fs/promises";
import { setTimeout as after } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lockByHand, unlock } from "../../.dagger/src/lock/by-hand.ts";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { type GitRemote, gitRemote } from "../support/gitRemote.ts";
import { startPromotion } from "../support/promotionRun.ts";
import { only } from "../support/registryFaults.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { type HeldReply, holdsReply } from "../support/registryRetold.ts";
import {
  inYard,
  promoteIn,
  recoverIn,
  refusalOf,
  statusIn,
  type Yard,
} from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

const [old, next, third] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)] as const;

interface LockedYard extends FrontedYard {
  remote: GitRemote;
}

async function lockedYard(): Promise<LockedYard> {
  const remote = await gitRemote();
  const own = await frontedYard(registries, [old, next, third], { remote: remote.bare });
  return { ...own, remote };
}

const write = /^PUT .*frontend\/manifests\/prod$/;
const look = /^HEAD .*frontend\/manifests\/prod$/;

/** Holds up the answer to the first request of that kind to the second registry. */
function holdUp({ fronts }: FrontedYard, kind: RegExp): HeldReply {
  const held = holdsReply(registries[1]?.origin ?? "");
  fronts[1].faults.push(only(kind, held.fault));
  return held;
}

/** A yard whose requests may be held up for long. */
const patient = ({ yard }: FrontedYard): Yard => ({ ...yard, timeoutMs: 60_000 });

async function unlockProd({ yard }: FrontedYard): Promise<string> {
  const { lock } = await statusIn(yard);
  return inYard(yard, (release) => unlock(release, "prod", lock?.claim ?? "none"));
}

async function expectHeld({ yard, remote }: LockedYard, commit: string): Promise<void> {
  const { holds, drift, lock } = await statusIn(yard);
  expect(drift).toEqual([]);
  expect(holds?.commit).toBe(commit);
  expect(lock).toBeNull();
  expect(await remote.holds("refs/sluice/locks/")).toBe("");
}

describe("promotions at the same time", () => {
  it("go one after the other: who does not wait is told whom to wait for", async () => {
    const own = await lockedYard();
    const held = holdUp(own, look);
    const first = startPromotion(patient(own), next);
    await held.done;
    const { code, message } = await refusalOf(promoteIn(own.yard, third));
    expect(code).toBe("LOCK_HELD");
    expect(message).toMatch(/^lock prod is held by ann .*\(promote\)/);
    expect(message).toMatch(/--wait 10m; .*: sluice call unlock --channel prod --claim [\w-]{36}/);
    const told: string[] = [];
    const second = promoteIn({ ...own.yard, operator: "bob", waitMs: 120_000 }, third, (line) => {
      told.push(line);
      if (line.startsWith("waiting for")) held.go();
    });
    expect((await first.ended).code).toBe(0);
    expect((await second).moves.every(({ from, to }) => from !== null && from !== to)).toBe(true);
    expect(told[0]).toMatch(/^waiting for lock prod: held by ann/);
    await expectHeld(own, third);
    await own.stop();
  });

  it("never go past a lock that was taken by hand, nor wait for it", async () => {
    const own = await lockedYard();
    await inYard(own.yard, (release) => lockByHand(release, "prod", "freeze for the audit"));
    const { code, message } = await refusalOf(promoteIn({ ...own.yard, waitMs: 600_000 }, next));
    expect(code).toBe("LOCK_HELD");
    expect(message).toContain("freeze for the audit");
    expect(message).toMatch(/it was taken by hand and is not waited for/);
    expect(own.writes()).toEqual([]);
    expect(await unlockProd(own)).toBe("prod is unlocked; ann held it\n");
    await promoteIn(own.yard, next);
    await expectHeld(own, next);
    await own.stop();
  });

  it("are none at all while the git remote can't be asked for the lock", async () => {
    const own = await lockedYard();
    const { bare } = own.remote;
    await rename(bare, `${bare}.gone`);
    const { code, message } = await refusalOf(promoteIn(own.yard, next));
    expect(code).toBe("LOCK_UNAVAILABLE");
    expect(message).toContain("lock prod can't be asked for, so nothing is done");
    expect(own.writes()).toEqual([]);
    await rename(`${bare}.gone`, bare);
    await expectHeld(own, old);
    await own.stop();
  });
});

describe("a promotion whose process", () => {
  it("is killed keeps the lock; once it is unlocked, the next run brings it to its end", async () => {
    const own = await lockedYard();
    const held = holdUp(own, write);
    const run = startPromotion(patient(own), next);
    await held.done;
    run.signal("SIGKILL");
    await run.ended;
    held.go();
    const refused = await refusalOf(recoverIn(own.yard));
    expect(refused.code).toBe("LOCK_HELD");
    const { drift } = await statusIn(own.yard);
    expect(drift).toEqual([
      expect.stringMatching(/cut off, .*if ann is gone, unlock it, then run/),
    ]);
    await unlockProd(own);
    const { notes } = await promoteIn(own.yard, next);
    expect(notes).toEqual(["an earlier run was cut off on this way; it is brought to its end"]);
    await expectHeld(own, next);
    await own.stop();
  });

  it("sleeps while another takes over writes nothing more when it wakes, and says so", async () => {
    const own = await lockedYard();
    const held = holdUp(own, look);
    const run = startPromotion(patient(own), next);
    await held.done;
    await run.says(" moved: ", 5);
    run.signal("SIGSTOP");
    await unlockProd(own);
    const { notes } = await promoteIn({ ...own.yard, operator: "bob" }, third);
    expect(notes.join()).toMatch(/that ann began .* is undone: every tag holds what it held/);
    // For so long what it knew of the lock was good.
    await after(2100);
    own.forget();
    held.go();
    run.signal("SIGCONT");
    const { code, said } = await run.ended;
    expect(code).toBe(1);
    expect(said).toMatch(/^stopped, nothing more is written: lock prod is no longer ours/m);
    expect(said).toContain("[PROMOTION_FAILED]");
    expect(said).toContain("whoever holds the lock now finishes or undoes what is left");
    expect(own.writes()).toEqual([]);
    await expectHeld(own, third);
    await own.stop();
  });

  it("is asked to stop finishes what moves, gives the lock back, and ends by the signal", async () => {
    const own = await lockedYard();
    const held = holdUp(own, write);
    const run = startPromotion(patient(own), next);
    await held.done;
    run.signal("SIGINT");
    await run.says("asked to stop: tags that move are all moved, or all put back, first");
    held.go();
    expect(await run.ended).toMatchObject({ code: null, signal: "SIGINT" });
    await expectHeld(own, next);
    await own.stop();
  });

  it("is asked to stop while a registry hangs puts back what moved", async () => {
    const own = await lockedYard();
    const held = holdUp(own, write);
    const run = startPromotion(patient(own), next);
    await held.done;
    run.signal("SIGTERM");
    const { signal, said } = await run.ended;
    expect(signal).toBe("SIGTERM");
    expect(said).toMatch(/^nothing is promoted, every tag holds what it held before: /m);
    expect(said.match(/:prod: held \w+, holds \w+$/gm)).toHaveLength(6);
    await expectHeld(own, old);
    held.go();
    await own.stop();
  });
});
