import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { SluiceError } from "../../.dagger/src/error.ts";
import { readTarget } from "../../.dagger/src/deploy/target-state.ts";
import { stamp } from "../../.dagger/src/ledger/stamp.ts";
import { commitStream, targetStream } from "../../.dagger/src/ledger/streams.ts";
import { lockByHand } from "../../.dagger/src/lock/by-hand.ts";
import { nonce } from "../support/containers.ts";
import {
  deployIn,
  smallPlatform,
  type SmallPlatform,
  targetSections,
} from "../support/deploymentYard.ts";
import { gitRemote } from "../support/gitRemote.ts";
import { type RegistryProcess, startRegistry } from "../support/registryProcess.ts";
import {
  inYard,
  promoteIn,
  publishIn,
  refusalOf,
  rollbackIn,
  statusIn,
  type Yard,
} from "../support/shipyard.ts";

let registry: RegistryProcess;
beforeAll(async () => {
  registry = await startRegistry();
});
afterAll(() => registry.stop());

const [one, two, three] = ["a".repeat(40), "b".repeat(40), "c".repeat(40)] as const;

let platform: SmallPlatform;
let yard: Yard;
beforeEach(async () => {
  platform = await smallPlatform();
  yard = {
    name: `shop-${nonce()}`,
    services: ["backend"],
    registries: { hub: new URL(registry.origin).host },
    sections: targetSections(platform),
  };
  for (const commit of [one, two, three]) await publishIn(yard, [registry.origin], commit);
});

/** A way to a registry, which can be closed for a while. */
async function passage(port: number) {
  const sockets = new Set<Socket>();
  let open = true;
  const server = createServer((asked) => {
    if (!open) {
      asked.destroy();
      return;
    }
    const passed = connect(port, "127.0.0.1");
    for (const socket of [asked, passed]) {
      sockets.add(socket);
      socket.on("error", () => asked.destroy());
    }
    asked.pipe(passed).pipe(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      open = false;
      for (const socket of sockets) socket.destroy();
    },
    reopen: () => {
      open = true;
    },
  };
}

/** Promotes a commit and deploys it. */
async function release(commit: string) {
  await promoteIn(yard, commit);
  return deployIn(yard, platform);
}

/** Records of the target, newest first. */
function records() {
  return inYard(yard, async ({ ledger }) =>
    (await ledger.history(targetStream("live", undefined))).map(({ record }) => record),
  );
}

const broken = new SluiceError("FLY_UNHEALTHY", "machine 1 of shop fails its check");

describe("a deployment", () => {
  it("brings what the channel holds, by digest, and writes down its beginning and its end", async () => {
    const { data, fault } = await release(one);
    expect(fault).toBeUndefined();
    expect(data).toMatchObject({
      ...{ kind: "deployment", target: "live", environment: "live", commit: one },
      ...{ outcome: "succeeded", targetRelease: "v1", url: platform.url, takenBack: null },
      seen: { proof: { passed: true, version: { found: one } }, browser: null, watch: null },
    });
    const { holds } = await statusIn(yard);
    expect(platform.asked).toEqual([
      { kind: "deployment", commit: one, digests: Object.values(holds?.digests ?? {}) },
    ]);
    expect(await records()).toMatchObject([
      { outcome: "succeeded", targetRelease: "v1", holds: { commit: one, targetRelease: "v1" } },
      { outcome: "started", holds: null },
    ]);
  });

  it("is shown by status, with what its URL says", async () => {
    await release(one);
    const { targets, drift } = await statusIn(yard);
    expect(drift).toEqual([]);
    expect(targets).toMatchObject([
      { target: "live", outcome: "succeeded", holds: { commit: one }, serves: one },
    ]);
  });

  it("is refused for what was never promoted", async () => {
    expect(await refusalOf(deployIn(yard, platform))).toMatchObject({
      code: "DEPLOY_NOT_PROMOTED",
      message: expect.stringContaining("prod holds nothing") as string,
    });
    await promoteIn(yard, one);
    expect(await refusalOf(deployIn(yard, platform, { to: two }))).toMatchObject({
      code: "DEPLOY_NOT_PROMOTED",
      message: expect.stringContaining(`prod never held "${two}"`) as string,
    });
    expect(platform.asked).toEqual([]);
    expect(await records()).toEqual([]);
  });

  it("brings what the channel held before only when a person chose it", async () => {
    await promoteIn(yard, one);
    await promoteIn(yard, two);
    const refusal = await refusalOf(deployIn(yard, platform, { to: one }));
    expect(refusal.code).toBe("DEPLOY_NOT_PROMOTED");
    expect(refusal.message).toContain("--replay");
    const { data } = await deployIn(yard, platform, { to: one.slice(0, 9), replay: true });
    expect(data).toMatchObject({ outcome: "succeeded", commit: one });
    expect((await statusIn(yard)).drift.join("\n")).toContain("not yet what the channel holds");
  });

  it("is refused for a commit that was rejected after its promotion", async () => {
    await promoteIn(yard, one);
    await inYard(yard, (all) =>
      all.ledger.append(commitStream(one), {
        ...stamp(all),
        ...{ kind: "rejection", commit: one, reason: "wrong prices" },
      }),
    );
    const refusal = await refusalOf(deployIn(yard, platform));
    expect(refusal).toMatchObject({ code: "DEPLOY_REJECTED" });
    expect(refusal.message).toContain("wrong prices");
    expect(platform.asked).toEqual([]);
  });

  it("waits for nobody who has the channel's lock", async () => {
    const remote = await gitRemote();
    yard = { ...yard, remote: remote.bare };
    await promoteIn(yard, one);
    await inYard(yard, (all) => lockByHand(all, "prod", "an audit"));
    const refusal = await refusalOf(deployIn(yard, platform));
    expect(refusal).toMatchObject({ code: "LOCK_HELD" });
    expect(refusal.message).toContain("an audit");
    expect(platform.asked).toEqual([]);
  });
});

describe("a deployment that fails", () => {
  it("is taken back to what ran before, and both are told", async () => {
    await release(one);
    platform.fails.set(two, broken);
    const { data, fault } = await release(two);
    expect(fault).toMatchObject({ code: broken.code, reason: broken.reason });
    expect(data).toMatchObject({
      outcome: "failed",
      reason: `${broken.reason}; it runs ${one.slice(0, 12)} again`,
      takenBack: { succeeded: true },
      previousCommit: one,
    });
    expect(platform.asked.map(({ kind, commit }) => [kind, commit])).toEqual([
      ["deployment", one],
      ["deployment", two],
      ["rollback", one],
    ]);
    expect(await records()).toMatchObject([
      { outcome: "failed", commit: two, holds: { commit: one } },
      { outcome: "started", commit: two, holds: { commit: one } },
      { outcome: "succeeded" },
      { outcome: "started" },
    ]);
  });

  it("is one whose platform is content, and whose URL names another commit", async () => {
    // A second's patience: the test is about what is seen, not about how long it is looked for.
    const probe = { path: "/healthz", deadline: "1s", stableFor: "1ms" };
    yard = { ...yard, sections: targetSections(platform, { probe }) };
    await release(one);
    platform.lies.set(two, three);
    const { data, fault } = await release(two);
    expect(fault).toMatchObject({ code: "VERSION_MISMATCH" });
    expect(data.reason).toContain(two.slice(0, 7));
    expect(data.reason).toContain(three.slice(0, 7));
    expect(data).toMatchObject({ outcome: "failed", takenBack: { succeeded: true } });
    expect(platform.runs).toBe(one);
  });

  it("and that nothing came before leaves nobody in the belief that something is known", async () => {
    platform.fails.set(one, broken);
    const { data } = await release(one);
    expect(data).toMatchObject({ outcome: "failed", takenBack: { succeeded: false } });
    expect(data.reason).toContain("nothing was deployed there before");
    const { targets, drift } = await statusIn(yard);
    expect(targets).toMatchObject([{ outcome: "failed", holds: null }]);
    expect(drift.join("\n")).toContain("live: nobody knows what runs there");
  });

  it("and can't be taken back tells both failures", async () => {
    await release(one);
    platform.fails.set(two, broken);
    platform.fails.set(one, new Error("Fly.io is down"));
    const { data } = await release(two);
    expect(data.reason).toBe(
      `${broken.reason}; going back to ${one.slice(0, 12)} failed: Fly.io is down`,
    );
    expect(data.takenBack).toMatchObject({ succeeded: false });
    expect(await records()).toMatchObject([{ outcome: "failed", holds: null }, {}, {}, {}]);
  });

  it("keeps secrets out of what is written down", async () => {
    yard = { ...yard, settings: { FLY_API_TOKEN: "fo1_open-sesame" } };
    await release(one);
    platform.onDeploy = () => {
      throw new SluiceError("FLY_UNAUTHORIZED", "Fly.io said: token fo1_open-sesame is expired");
    };
    const { data, kept } = await release(two);
    expect(JSON.stringify([data, ...kept, await records()])).not.toContain("open-sesame");
    expect(data.reason).toContain("token *** is expired");
  });
});

describe("a deployment whose ledger is gone at its end", () => {
  it("stands, says so, and is written down by the next one", async () => {
    const way = await passage(Number(new URL(registry.origin).port));
    yard = { ...yard, registries: { hub: way.host } };
    await promoteIn(yard, one);
    platform.onDeploy = () => {
      way.close();
      return Promise.resolve();
    };
    const refusal = await refusalOf(deployIn(yard, platform));
    expect(refusal).toMatchObject({ code: "DEPLOYMENT_UNRECORDED" });
    expect(refusal.message).toContain(`live runs ${one.slice(0, 12)}; but the ledger`);
    expect(platform.runs).toBe(one);
    way.reopen();
    platform.onDeploy = () => Promise.resolve();
    expect((await deployIn(yard, platform)).data).toMatchObject({ outcome: "succeeded" });
    expect((await records())[0]).toMatchObject({ outcome: "succeeded", holds: { commit: one } });
  });
});

describe("a deployment that was cut off", () => {
  it("is written down as failed by the next one, which goes on", async () => {
    await release(one);
    await promoteIn(yard, two);
    platform.onDeploy = () => new Promise(() => undefined);
    void deployIn(yard, platform);
    await expect.poll(() => platform.asked.length, { timeout: 20_000 }).toBe(2);
    expect((await statusIn(yard)).drift.join("\n")).toContain("a deployment was cut off");
    platform.onDeploy = () => Promise.resolve();
    const { data } = await deployIn(yard, platform);
    expect(data).toMatchObject({ outcome: "succeeded", commit: two, previousCommit: one });
    expect(await records()).toMatchObject([
      { outcome: "succeeded", commit: two },
      { outcome: "started", commit: two },
      { outcome: "failed", commit: two, holds: { commit: one } },
      { outcome: "started", commit: two },
      { outcome: "succeeded", commit: one },
      { outcome: "started", commit: one },
    ]);
  });
});

describe("a rollback of a target", () => {
  it("brings the recorded digests of what ran before, and keeps what it took away from coming again", async () => {
    await release(one);
    await release(two);
    const { data } = await deployIn(yard, platform, { kind: "rollback", reason: "wrong prices" });
    expect(data).toMatchObject({ kind: "rollback", outcome: "succeeded", commit: one });
    expect(platform.runs).toBe(one);
    expect(await refusalOf(deployIn(yard, platform))).toMatchObject({
      code: "DEPLOY_TAKEN_BACK",
      message: expect.stringContaining(`${two.slice(0, 12)} was taken back from live`) as string,
    });
    expect(platform.runs).toBe(one);
    // Anything newer lifts that, and so does a person.
    expect((await release(three)).data.outcome).toBe("succeeded");
    const state = await inYard(yard, ({ ledger }) =>
      readTarget(ledger, targetStream("live", undefined)),
    );
    expect(state.blocked).toEqual([]);
  });

  it("goes to what is named, as long as it ran there", async () => {
    for (const commit of [one, two, three]) await release(commit);
    const { data } = await deployIn(yard, platform, { kind: "rollback", to: one });
    expect(data.commit).toBe(one);
    const never = "d".repeat(40);
    expect(
      await refusalOf(deployIn(yard, platform, { kind: "rollback", to: never })),
    ).toMatchObject({ code: "DEPLOYMENT_UNKNOWN" });
  });

  it("is refused where nothing ran before", async () => {
    await release(one);
    const refusal = await refusalOf(deployIn(yard, platform, { kind: "rollback" }));
    expect(refusal).toMatchObject({ code: "DEPLOYMENT_UNKNOWN" });
    expect(refusal.message).toContain("nothing else ran on live before");
  });

  it("of the channel does not touch the target by itself", async () => {
    await release(one);
    await release(two);
    await rollbackIn(yard);
    expect(platform.runs).toBe(two);
    expect((await statusIn(yard)).drift.join("\n")).toContain("not yet what the channel holds");
    expect((await deployIn(yard, platform)).data).toMatchObject({ commit: one });
  });
});
