import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { unlock } from "../../.dagger/src/lock/by-hand.ts";
import { type FrontedYard, frontedYard } from "../support/frontedYard.ts";
import { type GitRemote, gitRemote } from "../support/gitRemote.ts";
import { startPromotion } from "../support/promotionRun.ts";
import { only } from "../support/registryFaults.ts";
import { answers } from "../support/registryFront.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import { holdsReply } from "../support/registryRetold.ts";
import { inYard, promoteIn, recoverIn, refusalOf, statusIn } from "../support/shipyard.ts";

let registries: RegistryProcess[];
beforeAll(async () => {
  registries = await Promise.all([startRegistry(), startRegistry()]);
});
afterAll(() => Promise.all(registries.map((registry) => registry.stop())));

interface BranchYard extends FrontedYard {
  remote: GitRemote;
  /** What prod and the branch hold. */
  old: string;
  /** Its successor on main, published. */
  next: string;
}

/** A yard whose branch production moves along with prod. */
async function branchYard(): Promise<BranchYard> {
  const remote = await gitRemote();
  const old = await remote.git("rev-parse", "HEAD");
  const next = await remote.commit("Sell more");
  await remote.git("push", "--quiet", "origin", "main", `${old}:refs/heads/production`);
  const channel = { branch: "production" };
  const own = await frontedYard(registries, [old, next], { remote: remote.bare, channel });
  return { ...own, remote, old, next };
}

async function expectHeld({ yard, remote }: BranchYard, commit: string): Promise<void> {
  const { holds, drift, lock } = await statusIn(yard);
  expect(drift).toEqual([]);
  expect(holds?.commit).toBe(commit);
  expect(lock).toBeNull();
  expect(await remote.holds("refs/heads/production")).toBe(commit);
}

/** Promotes in a process that is killed when every tag has moved, and the branch has not. */
async function killedBeforePush({ yard, fronts, next }: BranchYard): Promise<void> {
  const held = holdsReply(registries[1]?.origin ?? "");
  let written = false;
  const isLast = only(/^HEAD .*frontend\/manifests\/prod$/, held.fault);
  fronts[1].faults.push((incoming, answer) => {
    written ||= incoming.method === "PUT" && /frontend\/manifests\/prod$/.test(incoming.url ?? "");
    return written && isLast(incoming, answer);
  });
  const run = startPromotion({ ...yard, timeoutMs: 60_000 }, next);
  await held.done;
  await run.says(" moved: ", 5);
  run.signal("SIGKILL");
  await run.ended;
  held.go();
  const { lock } = await statusIn(yard);
  await inYard(yard, (release) => unlock(release, "prod", lock?.claim ?? "none"));
}

describe("a channel's branch", () => {
  it("moves along with the tags", async () => {
    const own = await branchYard();
    const { branch } = await promoteIn(own.yard, own.next);
    expect(branch).toEqual({ name: "production", from: own.old, to: own.next });
    await expectHeld(own, own.next);
    await own.stop();
  });

  it("that the server refuses has the tags put back, with the server's words", async () => {
    const own = await branchYard();
    const hook = join(own.remote.bare, "hooks/pre-receive");
    await mkdir(join(own.remote.bare, "hooks"), { recursive: true });
    await writeFile(
      hook,
      "#!/bin/sh\nwhile read -r _ _ ref; do\n[ $ref != refs/heads/production ] || { echo it is frozen; exit 1; }\ndone\n",
    );
    await chmod(hook, 0o755);
    const { code, message } = await refusalOf(promoteIn(own.yard, own.next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(
      /^nothing is promoted, every tag holds what it held before: .*refuses moving production .*it is frozen/,
    );
    expect(message.match(/:prod: held \w+, holds \w+$/gm)).toHaveLength(6);
    await expectHeld(own, own.old);
    await rm(hook);
    await promoteIn(own.yard, own.next);
    await expectHeld(own, own.next);
    await own.stop();
  });

  it("that was not reached when the process was killed is moved by the same promotion", async () => {
    const own = await branchYard();
    await killedBeforePush(own);
    expect((await statusIn(own.yard)).drift).toHaveLength(1);
    const { notes } = await promoteIn(own.yard, own.next);
    expect(notes.join()).toContain("it is brought to its end");
    await expectHeld(own, own.next);
    await own.stop();
  });

  it("that was not reached when the process was killed lets recovery undo the tags", async () => {
    const own = await branchYard();
    await killedBeforePush(own);
    expect(await recoverIn(own.yard)).toMatch(/is undone: every tag holds what it held before/);
    await expectHeld(own, own.old);
    await own.stop();
  });

  it("that has moved is never moved back: what the ledger can't be told stays, and is recorded later", async () => {
    const own = await branchYard();
    let records = 0;
    own.fronts[0].faults.push(
      only(
        /^PUT .*-ledger\/manifests\/channel\.prod\.\d+$/,
        (incoming, answer) => ++records === 2 && answers(403)(incoming, answer),
      ),
    );
    const { code, message } = await refusalOf(promoteIn(own.yard, own.next));
    expect(code).toBe("PROMOTION_FAILED");
    expect(message).toMatch(/^everything moved, and stays, but the ledger does not know/);
    expect(message.match(/:prod: moved \w+ → \w+$/gm)).toHaveLength(6);
    expect(message).toContain("run sluice call recover");
    expect(await recoverIn(own.yard)).toMatch(/had moved every tag; it is recorded as finished/);
    await expectHeld(own, own.next);
    await own.stop();
  });
});
