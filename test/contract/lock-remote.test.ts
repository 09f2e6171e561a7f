import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test } from "vitest";
import { acquireLock, type LockRequest } from "../../.dagger/src/lock/acquire.ts";
import { breakLock, readLock } from "../../.dagger/src/lock/break.ts";
import { type LockClock, systemLockClock } from "../../.dagger/src/lock/clock.ts";
import { type GitRemote, gitRemote, localRefs } from "../support/gitRemote.ts";
import { git } from "../support/gitServer.ts";
import { scratch } from "../support/scratch.ts";

const REF = "refs/sluice/locks/prod";
const ann: LockRequest = {
  name: "prod",
  holder: "ann",
  reason: "release 1.2.3",
  command: "sluice promote --channel prod",
};
const ben: LockRequest = { ...ann, holder: "ben", reason: "hotfix", command: "sluice rollback" };

/** Time that passes only when somebody waits, or the test says so. */
function ownClock(start = Date.parse("2026-01-31T10:00:00Z")) {
  let [wall, monotonic] = [start, 0];
  const clock: LockClock & { pass(ms: number): void; set(ms: number): void } = {
    now: () => wall,
    monotonic: () => monotonic,
    sleep: async (ms) => clock.pass(ms),
    pass: (ms) => {
      wall += ms;
      monotonic += ms;
    },
    set: (ms) => (wall = ms),
  };
  return clock;
}

async function machine(remote: GitRemote) {
  return (await localRefs({ url: remote.bare })).locks;
}

describe("a lock", () => {
  test("is held by one, who is named to the others, and is free after its release", async () => {
    const remote = await gitRemote();
    const [one, other] = [await machine(remote), await machine(remote)];
    const clock = ownClock();
    const lock = await acquireLock(one, { ...ann, host: "ci-7", clock });
    expect(await readLock(other, "prod", clock)).toEqual({
      name: "prod",
      object: await remote.holds(REF),
      claim: lock.claim,
      holder: "ann",
      reason: "release 1.2.3",
      since: "2026-01-31T10:00:00.000Z",
      command: "sluice promote --channel prod",
      kind: "run",
      host: "ci-7",
      ageMs: 0,
      foreign: false,
    });
    clock.pass(3_700_000);
    await expect(acquireLock(other, { ...ben, clock })).rejects.toMatchObject({
      code: "LOCK_HELD",
      message: [
        "lock prod is held by ann on ci-7 since 2026-01-31T10:00:00.000Z (sluice promote --channel prod, for 1 h: stale?): release 1.2.3 [LOCK_HELD]",
        `Next: wait for it with --wait 10m; if whoever took it is gone: sluice call unlock --channel prod --claim ${lock.claim}`,
      ].join("\n"),
    });
    await lock.release();
    expect(await remote.holds("refs/sluice")).toBe("");
    expect(await readLock(other, "prod")).toBeUndefined();
    await (await acquireLock(other, ben)).release();
    await git(remote.bare, "fsck", "--strict");
  });

  test("of another name is another lock, and odd names are refused", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    await acquireLock(locks, ann);
    await acquireLock(locks, { ...ann, name: "staging" });
    for (const name of ["", "../x", "a\nb", "a b", "x".repeat(300), "*"]) {
      await expect(acquireLock(locks, { ...ann, name })).rejects.toMatchObject({
        code: "LOCK_INVALID",
      });
    }
    expect(await git(remote.bare, "for-each-ref", "--format=%(refname)", "refs/sluice")).toBe(
      `${REF}\nrefs/sluice/locks/staging`,
    );
  });

  test("is waited for, with progress, and taken as soon as it is free", async () => {
    const remote = await gitRemote();
    const [one, other] = [await machine(remote), await machine(remote)];
    const clock = ownClock();
    const lock = await acquireLock(one, { ...ann, clock });
    const lines: string[] = [];
    const onProgress = (line: string): void => void lines.push(line);
    let polls = 0;
    const sleep: LockClock["sleep"] = async (ms) => {
      clock.pass(ms);
      polls += 1;
      if (polls === 15) await lock.release();
    };
    const request = { ...ben, waitMs: 60_000, onProgress, clock: { ...clock, sleep } };
    const taken = await acquireLock(other, request);
    expect(await readLock(one, "prod")).toMatchObject({ holder: "ben", claim: taken.claim });
    expect(polls).toBe(15);
    expect(lines.map((line) => line.replace(/\d+(\.\d)? m?s$/, "<time>"))).toEqual([
      "waiting for lock prod: held by ann since 2026-01-31T10:00:00.000Z (sluice promote --channel prod): release 1.2.3, <time>",
      "waiting for lock prod: held by ann since 2026-01-31T10:00:00.000Z (sluice promote --channel prod): release 1.2.3, <time>",
    ]);
  });

  test("is waited for only as long as asked, and not after an interrupt", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    const clock = ownClock();
    const held = await acquireLock(locks, { ...ann, clock });
    await expect(acquireLock(locks, { ...ben, waitMs: 5000, clock })).rejects.toMatchObject({
      code: "LOCK_HELD",
      reason: expect.stringContaining("(waited 5 s)") as string,
    });
    const interrupt = new AbortController();
    const sleep = async (): Promise<void> => interrupt.abort();
    const request = { ...ben, waitMs: 5000, signal: interrupt.signal, clock: { ...clock, sleep } };
    await expect(acquireLock(locks, request)).rejects.toMatchObject({
      code: "INTERRUPTED",
      reason: expect.stringContaining("while waiting for lock prod, held by ann") as string,
    });
    expect(await readLock(locks, "prod")).toMatchObject({ claim: held.claim });
  });

  test("that a person holds is not waited for", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    const reason = "freeze until Monday";
    const frozen = await acquireLock(locks, { ...ann, reason, kind: "manual" });
    await expect(acquireLock(locks, { ...ben, waitMs: 60_000 })).rejects.toMatchObject({
      code: "LOCK_HELD",
      reason: expect.stringContaining(": freeze until Monday") as string,
      hint: `ask ann to let go; it was taken by hand and is not waited for; or: sluice call unlock --channel prod --claim ${frozen.claim}`,
    });
  });

  test("that something else wrote is held, shown as such, and broken by what was seen", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    for (const message of ["deploy in progress", '{"version":9,"claim":"x"}']) {
      const foreign = await remote.git("commit-tree", "-m", message, "HEAD^{tree}");
      await remote.git("push", "--quiet", "origin", `${foreign}:${REF}`);
      await expect(acquireLock(locks, ben)).rejects.toMatchObject({
        code: "LOCK_HELD",
        reason: `lock prod is held by something that Sluice didn't write: ${JSON.stringify(message)}`,
      });
      expect(await breakLock(locks, { name: "prod", claim: foreign })).toMatchObject({
        foreign: true,
        claim: foreign,
      });
    }
    expect(await remote.holds(REF)).toBe("");
  });

  test("says nothing of itself that could draw on a terminal", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    await acquireLock(locks, { ...ann, holder: "eve\u001b[2J\nnobody", reason: "a\rb" });
    const refused: unknown = await acquireLock(locks, ben).catch((error: unknown) => error);
    expect(String(refused).split("\n")[0]).not.toMatch(/[\u0000-\u001f]/);
  });
});

describe("a holder", () => {
  test("asks the remote again only when its last look is over two seconds old", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    const clock = ownClock();
    const lock = await acquireLock(locks, { ...ann, clock });
    await git(remote.bare, "update-ref", "-d", REF);
    clock.pass(1999);
    await lock.confirm();
    clock.pass(1);
    await expect(lock.confirm()).rejects.toMatchObject({
      code: "LOCK_LOST",
      reason: "lock prod is no longer ours, so nothing more is written: nobody holds it now",
    });
  });

  test("whose machine slept, or whose clock was set back, looks again", async () => {
    for (const wake of [Date.parse("2026-02-01T10:00:00Z"), Date.parse("2026-01-01T10:00:00Z")]) {
      const remote = await gitRemote();
      const [one, other] = [await machine(remote), await machine(remote)];
      const clock = ownClock();
      const lock = await acquireLock(one, { ...ann, clock });
      await breakLock(other, { name: "prod", claim: lock.claim });
      const taken = await acquireLock(other, ben);
      clock.set(wake);
      await expect(lock.confirm()).rejects.toMatchObject({
        code: "LOCK_LOST",
        reason: expect.stringMatching(
          /it is now held by ben since .* \(sluice rollback\): hotfix/,
        ) as string,
      });
      await lock.release();
      expect(await readLock(other, "prod")).toMatchObject({ claim: taken.claim });
    }
  });

  test("can't have its lock broken by whoever saw another one", async () => {
    const remote = await gitRemote();
    const locks = await machine(remote);
    const lock = await acquireLock(locks, ann);
    await lock.release();
    const next = await acquireLock(locks, ben);
    await expect(breakLock(locks, { name: "prod", claim: lock.claim })).rejects.toMatchObject({
      code: "LOCK_CHANGED",
      hint: `if that one is to be broken, give its claim: ${next.claim}`,
    });
    await next.confirm();
    await next.release();
    await expect(breakLock(locks, { name: "prod", claim: next.claim })).rejects.toMatchObject({
      code: "LOCK_FREE",
    });
  });
});

/** Another machine: a process of its own that does as it is told. */
async function contender(url: string, holder: string, folder?: string) {
  const script = fileURLToPath(new URL("../support/lockContender.ts", import.meta.url));
  const child = spawn(process.execPath, ["--import", "tsx", script, url, holder], {
    stdio: ["pipe", "pipe", "inherit"],
    env: folder === undefined ? process.env : { ...process.env, TMPDIR: folder },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => String((await lines.next()).value);
  const ended = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  expect(await next()).toBe("ready");
  return {
    say: async (command: string): Promise<string> => {
      child.stdin.write(`${command}\n`);
      return JSON.parse(await next()) as string;
    },
    signal: (signal: NodeJS.Signals) => child.kill(signal),
  };
}

describe("processes that race for a lock", () => {
  test("never both hold it: five of them, twenty rounds", async () => {
    const remote = await gitRemote();
    const names = ["a", "b", "c", "d", "e"];
    const all = await Promise.all(names.map((name) => contender(remote.bare, name)));
    for (let round = 0; round < 20; round++) {
      const answers = await Promise.all(all.map((one) => one.say("acquire")));
      const winners = answers.filter((answer) => answer.startsWith("held "));
      expect(winners, answers.join("\n")).toHaveLength(1);
      const winner = all[answers.indexOf(winners[0]!)]!;
      for (const answer of answers.filter((other) => other !== winners[0])) {
        expect(answer).toMatch(/^SluiceError: lock prod is held by .*\[LOCK_HELD\]\nNext: /);
      }
      expect(await winner.say("release")).toBe("released");
      expect(await remote.holds(REF)).toBe("");
    }
  });

  test("find the lock of one that was killed, and are told how to break it", async () => {
    const remote = await gitRemote();
    const folder = await scratch();
    const [one, other] = await Promise.all([
      contender(remote.bare, "ann", folder),
      contender(remote.bare, "ben"),
    ]);
    const claim = (await one.say("acquire")).slice("held ".length);
    one.signal("SIGKILL");
    expect(await other.say("acquire")).toMatch(
      new RegExp(
        `held by ann .*\\nNext: .*if whoever took it is gone: sluice call unlock --channel prod --claim ${claim}`,
      ),
    );
    const locks = await machine(remote);
    await breakLock(locks, { name: "prod", claim });
    expect(await other.say("acquire")).toMatch(/^held /);
    // The dead process left no copy of the repository behind.
    const left = async () =>
      (await readdir(folder)).filter((name) => name.startsWith("sluice-git-"));
    await expect.poll(left, { timeout: 20_000 }).toEqual([]);
  });

  test("that were paused while somebody took over notice before they write", async () => {
    const remote = await gitRemote();
    const one = await contender(remote.bare, "ann");
    const claim = (await one.say("acquire")).slice("held ".length);
    const paused = systemLockClock.monotonic();
    one.signal("SIGSTOP");
    const locks = await machine(remote);
    await breakLock(locks, { name: "prod", claim });
    const taken = await acquireLock(locks, ben);
    while (systemLockClock.monotonic() - paused < 2100) {
      await systemLockClock.sleep(100, new AbortController().signal);
    }
    one.signal("SIGCONT");
    expect(await one.say("confirm")).toMatch(
      /^SluiceError: lock prod is no longer ours.*held by ben/,
    );
    expect(await one.say("release")).toBe("released");
    await taken.confirm();
    expect(await readLock(locks, "prod")).toMatchObject({ claim: taken.claim });
  });
});
