import { describe, expect, test } from "vitest";
import { appMeant, sameConfig } from "../../.dagger/src/deploy/fly/app-config.ts";
import { checkedAppName } from "../../.dagger/src/deploy/fly/app-name.ts";
import { commandLine } from "../../.dagger/src/deploy/command-line.ts";
import { deployArguments } from "../../.dagger/src/deploy/fly/command.ts";
import { accessFailure, isTransient, reasonIn } from "../../.dagger/src/deploy/fly/failure.ts";
import { leaseIn } from "../../.dagger/src/deploy/fly/leases.ts";
import { registryLogin, tokenScrubber } from "../../.dagger/src/deploy/fly/token.ts";
import type { FlyPlatform } from "../../.dagger/src/pipeline/model.ts";

const platform: FlyPlatform = {
  ...{ kind: "fly", app: { text: "shop" }, service: "web", config: undefined, mirror: undefined },
  ...{
    strategy: undefined,
    primaryRegion: undefined,
    regions: [],
    flyctl: "flyio/flyctl:v0.3.200",
  },
  ...{ waitTimeoutMs: 300_000, releaseCommandTimeoutMs: 60_500 },
  endpoints: {
    api: "https://api.fly.io",
    machines: "https://api.machines.dev",
    registry: "registry.fly.io",
  },
};
const env = { SLUICE_COMMIT: "c0ffee" };
const image = `registry.fly.io/shop@sha256:${"0".repeat(64)}`;

describe("the command", () => {
  test("names image and app, and never lets Fly.io decide whether it is repeated", () => {
    const command = { app: "shop", image, config: undefined, kind: "deployment", env } as const;
    expect(commandLine(["flyctl", ...deployArguments(command, platform)])).toBe(
      `flyctl deploy --app shop --image ${image} --env SLUICE_COMMIT=c0ffee --wait-timeout 300s --release-command-timeout 60500ms --remote-only --deploy-retries 0 --yes`,
    );
  });

  test("of a rollback runs no release command", () => {
    const command = {
      app: "shop",
      image,
      config: "/sluice/fly.toml",
      kind: "rollback",
      env,
    } as const;
    const args = deployArguments(command, { ...platform, regions: ["fra", "ams"] });
    expect(args).toContain("--skip-release-command");
    expect(args).not.toContain("--release-command-timeout");
    expect(args[args.indexOf("--regions") + 1]).toBe("fra,ams");
  });

  test("can be pasted into a shell, whatever is in it", () => {
    expect(commandLine(["flyctl", "deploy", "a b", "$(id)", "it's", "--app=shop", ""])).toBe(
      `flyctl deploy 'a b' '$(id)' 'it'\\''s' --app=shop ''`,
    );
  });
});

describe("the app", () => {
  test.each(["shop", "shop-2", "a", "0", "x".repeat(63)])("can be called %j", (name) => {
    expect(checkedAppName(name, "the target's app")).toBe(name);
  });

  test.each(["", "-shop", "shop-", "sh_op", "shop.dev", "shöp", "shop\n"])(
    "can't be called %j",
    (name) => {
      expect(() => checkedAppName(name, "the target's app")).toThrow(
        expect.objectContaining({ code: "FLY_APP_INVALID" }),
      );
    },
  );

  test("is named by the target or by fly.toml, and never by both differently", () => {
    expect(appMeant("shop", undefined)).toBe("shop");
    expect(appMeant("shop", { file: "fly.toml", app: undefined })).toBe("shop");
    expect(appMeant(undefined, { file: "fly.toml", app: "shop" })).toBe("shop");
    const code = (thrown: string) => expect.objectContaining({ code: thrown }) as Error;
    expect(() => appMeant("shop", { file: "fly.toml", app: "shed" })).toThrow(
      code("FLY_WRONG_APP"),
    );
    expect(() => appMeant(undefined, undefined)).toThrow(code("FLY_APP_MISSING"));
  });
});

describe("configurations", () => {
  const asked = { ...platform, env };
  const local = { app: "shop", env: { A: "1", B: "2" }, build: { dockerfile: "Dockerfile" } };

  test("are the same whatever the order of their keys, and whatever would be built", () => {
    const released = { env: { ...env, B: "2", A: "1" }, app: "shop", deploy: {} };
    expect(sameConfig(asked, local, released)).toBe(true);
  });

  test("are the same when a release has what the deployment's arguments say", () => {
    const placed = { strategy: "canary", primaryRegion: "fra" } as const;
    const released = {
      ...{ ...local, env: { ...local.env, ...env } },
      ...{ primary_region: "fra", deploy: { strategy: "canary" } },
    };
    expect(sameConfig({ ...asked, ...placed }, local, released)).toBe(true);
    expect(sameConfig(asked, local, released)).toBe(false);
  });

  test("differ by any value", () => {
    expect(sameConfig(asked, local, { ...local, env: { ...env, A: "1", B: "3" } })).toBe(false);
  });

  test("are the same without a file only if they tell of the same commit", () => {
    expect(sameConfig(asked, undefined, { env: { ...env, A: "1" } })).toBe(true);
    expect(sameConfig(asked, undefined, { env: { SLUICE_COMMIT: "decaf" } })).toBe(false);
    expect(sameConfig(asked, undefined, {})).toBe(false);
  });
});

describe("a token", () => {
  test("signs in to the registry without its scheme, and only with what the registry can check", () => {
    expect(registryLogin("FlyV1 fm2_one,fm2_two").password).toBe("fm2_one,fm2_two");
    expect(registryLogin("fm2_one, personal").password).toBe("fm2_one");
    expect(registryLogin("personal")).toEqual({ username: "x", password: "personal" });
  });

  test("is taken out of texts, in whole and in parts, in every form", () => {
    const scrub = tokenScrubber("FlyV1 fm2_on/e,fm2_two");
    const base64 = Buffer.from("x:fm2_on/e,fm2_two").toString("base64");
    expect(scrub(`a FlyV1 fm2_on/e,fm2_two b fm2_two c fm2_on%2Fe d ${base64} e`)).toBe(
      "a *** b *** c *** d *** e",
    );
  });
});

describe("what flyctl says", () => {
  test("of a lease names who holds it, and until when", () => {
    const owner = "9af60c27-ee17-55df-bb0a-4f369e59839a@tokens.fly.io";
    const said = `Error: failed to get lease on VM 2879325b42d318: machine ID 2879325b42d318 lease currently held by ${owner}, expires at 2026-05-14T10:41:08Z\n`;
    const lease = { machine: "2879325b42d318", owner, expires: "2026-05-14T10:41:08Z" };
    expect(leaseIn(said)).toEqual([lease]);
    expect(leaseIn("Error: failed to acquire lease")).toEqual([]);
  });

  test.each([
    "Error: No access token available. Please login with 'flyctl auth login'",
    "Error: You must be authenticated to view this.",
    "Error: failed to list VMs: unauthorized",
    "Error: Not authorized to deploy this app.",
    "Error: failed to launch VM: token validation error (Request ID: 01H)",
  ])("is understood as a token that isn't accepted: %s", (said) => {
    expect(accessFailure(said, "shop")?.code).toBe("FLY_UNAUTHORIZED");
    expect(isTransient(said)).toBe(false);
  });

  test.each(["Error: Could not find App", 'Error: failed to get app: Could not find App "shop"'])(
    "is understood as an app that isn't there: %s",
    (said) => expect(accessFailure(said, "shop")?.code).toBe("FLY_APP_NOT_FOUND"),
  );

  test.each([
    'Error: Get "https://api.machines.dev/v1/apps/shop": EOF',
    "Error: failed to list VMs: context deadline exceeded",
    "Error: dial tcp: lookup api.fly.io: no such host",
    "Error: graphql: server returned a non-200 status code: 503",
    "Error: read tcp 10.0.0.2:1->10.0.0.3:443: read: connection reset by peer",
  ])("is understood as something that may pass: %s", (said) => {
    expect(isTransient(said)).toBe(true);
    expect(accessFailure(said, "shop")).toBeUndefined();
  });

  test("on the way is not what it ended with", () => {
    const said = [
      "INFO Using wait timeout: 1m30s lease timeout: 13s delay between lease refreshes: 4s",
      "Warn: not authorized to retrieve app logs (this can happen when using deploy tokens)",
      "Error release_command failed running on machine 148e with exit code 1.",
      "Error: release command failed - aborting deployment. machine 148e exited with 1",
      "more of it",
    ].join("\n");
    expect(isTransient(said)).toBe(false);
    expect(accessFailure(said, "shop")).toBeUndefined();
    expect(reasonIn(said)).toBe(
      "release command failed - aborting deployment. machine 148e exited with 1",
    );
  });

  test("is told by its own error, else by its last line", () => {
    expect(reasonIn("==> Building\nError: no machine\nWARN failed to tell\n")).toBe("no machine");
    expect(reasonIn("one\ntwo\n\n")).toBe("two");
    expect(reasonIn("")).toBe("it said nothing");
  });
});
