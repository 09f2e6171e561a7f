import { describe, expect, test } from "vitest";
import { wanted } from "../support/fly/deployment.ts";
import { digestOf, one, reset, runningShop, status, two } from "../support/fly/shop.ts";

describe("Fly.io", () => {
  test("that is away for a moment is asked again", async () => {
    const { api, deployer } = await runningShop();
    api.faults.push({ on: /^GET \/v1\/apps\/shop\/machines /, times: 2, answer: reset });
    expect(await deployer.running()).toEqual({ web: digestOf(one) });
  });

  test("that stays away is named, and nothing was changed", async () => {
    const { api, app, deployer } = await runningShop();
    const answer = status(503, { error: "service unavailable" });
    api.faults.push({ on: /^GET \/v1\/apps\/shop\/machines /, times: 9, answer });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_UNREACHABLE",
      reason:
        "state of app shop: flyctl ended with exit code 1: failed to list active VMs: service unavailable (4 attempts)",
    });
    expect(app.releases).toHaveLength(1);
  });

  test("that fails while deploying is not asked to deploy once more", async () => {
    const { api, app, deployer } = await runningShop();
    api.requests.length = 0;
    const answer = status(502, { error: "bad gateway" });
    api.faults.push({ on: /^POST \/v1\/apps\/shop\/machines\/\w+ /, answer });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({ code: "FLY_DEPLOY_FAILED" });
    expect(app.releases).toHaveLength(2);
    expect(api.requests.filter((line) => line === "POST /graphql createRelease")).toHaveLength(1);
  });

  test("that answers something else is not misread", async () => {
    const { api, deployer } = await runningShop();
    api.faults.push({
      on: /^GET \/v1\/apps\/shop\/machines /,
      answer: status(200, [{ id: 7, config: {} }] as object),
    });
    await expect(deployer.running()).rejects.toMatchObject({
      code: "FLY_PROTOCOL",
      reason: expect.stringContaining("flyctl answered other JSON than expected") as unknown,
    });
  });

  test("whose machines run something else in the end has not deployed", async () => {
    const { api, app, deployer } = await runningShop();
    api.faults.push({
      on: /updateRelease.*complete/,
      answer: (response) => {
        for (const { image_ref } of app.machines.values()) image_ref.digest = digestOf(one);
        status(200, { data: { updateRelease: { release: { id: "rel_shop_2" } } } })(response);
      },
    });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_DIGEST_MISMATCH",
      reason:
        "Fly.io, app shop: flyctl ended well, but expected every machine to run 222222222222, and 2 of 2 machines run something else",
    });
  });

  test("that has no machine left has not deployed, whatever flyctl ends with", async () => {
    const { api, app, deployer } = await runningShop();
    api.faults.push({
      on: /updateRelease.*complete/,
      answer: (response) => {
        app.machines.clear();
        status(200, { data: { updateRelease: { release: { id: "rel_shop_2" } } } })(response);
      },
    });
    await expect(deployer.deploy(wanted(two))).rejects.toMatchObject({
      code: "FLY_DIGEST_MISMATCH",
      reason:
        "Fly.io, app shop: flyctl ended well, but expected every machine to run 222222222222, and there is no machine",
    });
    expect(await deployer.running()).toBeUndefined();
  });
});
