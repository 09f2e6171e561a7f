import { describe, expect, test } from "vitest";
import { flyApi } from "../support/fly/api.ts";
import { flyDeployment, wanted } from "../support/fly/deployment.ts";
import { config, one, status } from "../support/fly/shop.ts";

describe("credentials", () => {
  test("that are missing are named before anything is asked", async () => {
    const api = await flyApi();
    const { deployer, commands } = await flyDeployment(api, { token: undefined });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "SETTING_MISSING",
      reason: "the token for Fly.io is not given: FLY_API_TOKEN is missing or empty",
    });
    expect(commands).toEqual([]);
    expect(api.requests).toEqual([]);
  });

  test("that expired change nothing, and the message says how to get new ones", async () => {
    const api = await flyApi();
    const { deployer } = await flyDeployment(api, { token: "of-yesterday" });
    const failure = deployer.deploy(wanted(one));
    await expect(failure).rejects.toMatchObject({
      code: "FLY_UNAUTHORIZED",
      hint: "make a new one with flyctl tokens create deploy --app shop, and give it as FLY_API_TOKEN",
    });
    await expect(failure).rejects.not.toThrow("of-yesterday");
    expect(api.apps.get("shop")!.releases).toEqual([]);
  });

  test("are neither in command lines nor in messages nor in what is kept", async () => {
    const token = 'FlyV1 fm2_a"b+c,fm2_second';
    const api = await flyApi({ token: token.slice("FlyV1 ".length) });
    const { deployer, commands, kept, progress } = await flyDeployment(api, { token });
    const forms = ['fm2_a"b+c', "fm2_second", encodeURIComponent('fm2_a"b+c')];
    const basic = Buffer.from('x:fm2_a"b+c,fm2_second').toString("base64");
    const error = `unlucky: ${JSON.stringify(token)} ${forms.join(" ")} ${basic}`;
    api.faults.push({ on: /createRelease/, answer: status(200, { errors: [{ message: error }] }) });
    const failure = await deployer.deploy(wanted(one)).catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({ code: "FLY_DEPLOY_FAILED" });
    const said = [String(failure), JSON.stringify([commands, [...kept], progress])].join("\n");
    expect(said).toContain("unlucky: ");
    expect(said).not.toMatch(/fm2_|a%22b/);
    expect(said).not.toContain(basic);
  });
});

describe("the app", () => {
  test("that is not there is said to be not there, or not for this token", async () => {
    const { deployer } = await flyDeployment(await flyApi(), { fly: { app: "shed" } });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "FLY_APP_NOT_FOUND",
      reason:
        "Fly.io, app shed: there is no such app, or the token in FLY_API_TOKEN may not see it",
    });
  });

  test("of fly.toml has to be the target's, before anything is asked of Fly.io", async () => {
    const api = await flyApi();
    const { deployer } = await flyDeployment(api, {
      ...config,
      fly: { ...config.fly, app: "shed" },
    });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "FLY_WRONG_APP",
      reason: `fly.toml is of app "shop", but the target's app is shed; nothing was changed`,
    });
    expect(api.requests).toEqual([]);
  });

  test("is that of fly.toml where the target names none", async () => {
    const fly = { ...config.fly, app: undefined };
    const { deployer } = await flyDeployment(await flyApi(), { ...config, fly });
    expect((await deployer.deploy(wanted(one))).release).toBe("v1");
  });

  test.each(["--access-token", "$(id)", "../shop", "shop\nshed", "a".repeat(64), "Shop"])(
    "can't be called %j",
    async (name) => {
      const api = await flyApi();
      const { deployer, commands } = await flyDeployment(api, {
        fly: { app: { setting: "FLY_APP" } },
        settings: { FLY_APP: name },
      });
      await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
        code: "FLY_APP_INVALID",
        reason: expect.stringContaining("expected the name of an app on Fly.io, got ") as unknown,
      });
      expect(commands).toEqual([]);
    },
  );
});

describe("fly.toml", () => {
  test("that is not there is named", async () => {
    const { deployer } = await flyDeployment(await flyApi(), {
      fly: { config: "deploy/fly.toml" },
    });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "FLY_CONFIG_NOT_FOUND",
      reason: "live: the commit has no file deploy/fly.toml",
    });
  });

  test("that can't be read is shown as flyctl sees it", async () => {
    const files = { "fly.toml": 'app = "shop"\nnot toml' };
    const { deployer } = await flyDeployment(await flyApi(), { ...config, files });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({
      code: "FLY_CONFIG_INVALID",
      reason: expect.stringMatching(
        /^fly.toml: failed loading app config from .*line 2/,
      ) as unknown,
    });
  });

  test("with another app, as an argument could be, is refused as a wrong app", async () => {
    const files = { "fly.toml": 'app = "--image=evil"' };
    const { deployer } = await flyDeployment(await flyApi(), { ...config, files });
    await expect(deployer.deploy(wanted(one))).rejects.toMatchObject({ code: "FLY_WRONG_APP" });
  });
});

test("what was asked to stop before it began changes nothing", async () => {
  const stop = new AbortController();
  const api = await flyApi();
  const { deployer } = await flyDeployment(api, { signal: stop.signal });
  stop.abort(new Error("asked to stop"));
  await expect(deployer.deploy(wanted(one))).rejects.toThrow("asked to stop");
  expect(api.apps.get("shop")!.releases).toEqual([]);
});

test("a commit without an image of the service is named", async () => {
  const { deployer, commands } = await flyDeployment(await flyApi());
  const nothing = { ...wanted(one), images: [] };
  await expect(deployer.deploy(nothing)).rejects.toMatchObject({
    code: "FLY_IMAGE_MISSING",
    reason: "live: commit 5f0c3f6b8a1e has no image of service web",
  });
  expect(commands).toEqual([]);
});
