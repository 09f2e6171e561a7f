import { describe, expect, test } from "vitest";
import { flyDeployment, wanted } from "../support/fly/deployment.ts";
import { config, digestOf, digests, one, reset, runningShop, two } from "../support/fly/shop.ts";

/** What flyctl asks once a machine has the new image. */
const waiting = /^GET \/v1\/apps\/shop\/machines\/\w+\/wait\?state=started/;

describe("a release that is accepted", () => {
  test("stands when flyctl loses sight of it, and both are told", async () => {
    const { api, deployer } = await runningShop();
    // It is at the last of the two machines when the line goes dead.
    api.faults.push({ on: waiting, after: 1, answer: reset });
    const { release, notes } = await deployer.deploy(wanted(two));
    expect(release).toBe("v2");
    expect(notes[0]).toBe("Fly.io, app shop: release v2 (rel_shop_2, failed)");
    expect(notes[1]).toMatch(
      /^flyctl lost sight of it \(exit code 1: failed to wait for VM .*\), but what runs is as wanted$/,
    );
    expect(notes[2]).toBe("2 machines started, all health checks pass");
    expect(digests(api)).toEqual([digestOf(two), digestOf(two)]);
  });

  test("is no success when flyctl lost sight of it halfway", async () => {
    const { api, deployer, kept } = await runningShop();
    api.faults.push({ on: waiting, answer: reset });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_DEPLOY_FAILED",
      message: expect.stringMatching(
        /release v2 \(rel_shop_2, failed\)\nmachine \w+ \(fra\): started, runs 222222222222\nmachine \w+ \(fra\): started, runs 111111111111/,
      ) as unknown,
    });
    expect([...kept.keys()]).toEqual(["fly/deploy.log", "fly/app.log"]);
    expect(kept.get("fly/app.log")).toContain("app created");
  });

  test("is unconfirmed when nothing can be read any more", async () => {
    const { api, deployer } = await runningShop();
    api.faults.push({
      on: waiting,
      answer: (response) => {
        api.faults.push({ on: /./, times: 100, answer: reset });
        reset(response);
      },
    });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_UNCONFIRMED",
      reason: expect.stringMatching(
        /^Fly.io, app shop: flyctl deploy failed \(.*\), and what runs now can't be read$/,
      ) as unknown,
      hint: expect.stringContaining("flyctl status --app shop") as unknown,
    });
    expect(digests(api)).toContain(digestOf(two));
  });

  test("of the same digest is no success when it never reached the machines", async () => {
    const { api, app } = await runningShop();
    app.behaviour.releaseCommand = { exitCode: 1, output: "relation users exists" };
    const changed = config.files["fly.toml"].replace("8080", "9090");
    const { deployer } = await flyDeployment(api, { ...config, files: { "fly.toml": changed } });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "FLY_RELEASE_COMMAND_FAILED",
    });
    // And so it is deployed again, although its digest and configuration are those of a release.
    app.behaviour.releaseCommand = { exitCode: 0, output: "migrated" };
    expect((await deployer.deploy(wanted(one))).release).toBe("v3");
  });
});

describe("checks", () => {
  test("that never pass fail the deployment with what they say, and a rollback heals it", async () => {
    const { api, app, deployer, kept } = await runningShop();
    Object.assign(app.behaviour, { checks: "critical", checkOutput: "HTTP 500:\n  no database" });
    app.logs.push("FATAL: database is gone");
    const failure = deployer.deploy(wanted(two));
    await expect(failure).rejects.toMatchObject({
      code: "FLY_UNHEALTHY",
      reason: "Fly.io, app shop: 1 of 2 machines did not become healthy with 222222222222",
    });
    await expect(failure).rejects.toThrow(
      "check servicecheck-00-http-8080 is critical: HTTP 500: no database",
    );
    expect(kept.get("fly/app.log")).toContain("FATAL: database is gone");
    expect(kept.get("fly/deploy.log")).toContain("timeout reached waiting for health checks");
    app.behaviour.checks = "passing";
    const back = await deployer.deploy(wanted(one, { kind: "rollback" }));
    expect(back.release).toBe("v3");
    expect(digests(api)).toEqual([digestOf(one), digestOf(one)]);
  });

  test("count although the strategy does not wait for them", async () => {
    const fly = { ...config.fly, strategy: "immediate" };
    const { app, deployer } = await runningShop({ ...config, fly });
    app.behaviour.checks = "critical";
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_UNHEALTHY",
      reason: "Fly.io, app shop: 2 of 2 machines did not become healthy with 222222222222",
    });
  });

  test("that there are none of are not called passing", async () => {
    const { deployer } = await runningShop({});
    const { notes } = await deployer.deploy(wanted(two));
    expect(notes.join("\n")).toContain("without any health check");
    expect(notes.join("\n")).not.toContain("pass");
  });
});

describe("a lease of somebody else", () => {
  const lease = {
    ...{ nonce: "n0nce", owner: "bob@example.com", version: "1" },
    expires_at: Math.floor(Date.UTC(2096, 0, 1) / 1000),
  };

  test("is seen before anything is changed", async () => {
    const { app, deployer, api } = await runningShop();
    const held = [...app.machines.values()].find(({ state }) => state === "started");
    held!.lease = lease;
    const failure = deployer.deploy(wanted(two));
    await expect(failure).rejects.toMatchObject({
      code: "FLY_LEASED",
      reason: `Fly.io, app shop: machine ${held!.id} is leased by bob@example.com until 2096-01-01T00:00:00.000Z; nothing was changed`,
    });
    await expect(failure).rejects.not.toThrow("n0nce");
    expect(app.releases).toHaveLength(1);
    expect(app.logs.filter((line) => line === "migrated")).toHaveLength(1);
    expect(digests(api)).toEqual([digestOf(one), digestOf(one)]);
    await expect(deployer.plan(wanted(two))).rejects.toMatchObject({ code: "FLY_LEASED" });
  });

  test("that is taken while the release command runs leaves the machines as they are", async () => {
    const { app, api, deployer } = await runningShop();
    const machine = [...app.machines.values()].find(({ state }) => state === "started")!;
    app.behaviour.onReleaseCommand = () => (machine.lease = lease);
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_LEASED",
      reason: `Fly.io, app shop: machine ${machine.id} is leased by bob@example.com until 2096-01-01T00:00:00Z; it was not changed further`,
    });
    expect(digests(api)).toEqual([digestOf(one), digestOf(one)]);
  });
});

describe("the release command", () => {
  test("that fails leaves the machines as they are, and its output is kept", async () => {
    const { app, api, deployer, kept } = await runningShop();
    app.behaviour.releaseCommand = { exitCode: 3, output: "relation users exists" };
    const failure = deployer.deploy(wanted(two));
    await expect(failure).rejects.toMatchObject({
      code: "FLY_RELEASE_COMMAND_FAILED",
      reason: expect.stringContaining("exited with non-zero status of 3") as unknown,
    });
    expect(kept.get("fly/app.log")).toContain("relation users exists");
    expect(digests(api)).toEqual([digestOf(one), digestOf(one)]);
    expect(app.releases.at(-1)?.status).toBe("failed");
  });
});
