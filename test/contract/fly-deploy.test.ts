import { describe, expect, test } from "vitest";
import { flyApi } from "../support/fly/api.ts";
import { commit, flyDeployment, wanted } from "../support/fly/deployment.ts";
import { virtualClock } from "../support/virtualClock.ts";

const one = `ghcr.io/acme/web@sha256:${"1".repeat(64)}`;
const two = `ghcr.io/acme/web@sha256:${"2".repeat(64)}`;
const digestOf = (ref: string) => ref.slice(ref.indexOf("@") + 1);

const flyToml = [
  'app = "shop" # ours',
  "primary_region = 'ams'",
  "[build]",
  'dockerfile = "Dockerfile"',
  "[env]",
  'GREETING = "hello"',
  "[deploy]",
  'release_command = "bin/migrate --all"',
  "[http_service]",
  "internal_port = 8080",
  "[[http_service.checks]]",
  'path = "/healthz"',
  "",
].join("\n");

const withConfig = (text = flyToml) => ({
  fly: { config: "deploy/fly.toml" },
  files: { "deploy/fly.toml": text },
});

describe("deploy", () => {
  test("gives an app without machines its first ones, and says what is known of them", async () => {
    const api = await flyApi();
    const { deployer, kept } = await flyDeployment(api);
    const done = await deployer.deploy(wanted(one));
    expect(done).toEqual({
      release: "v1",
      notes: [
        "Fly.io, app shop: release v1 (rel_shop_1, complete)",
        "2 machines started without any health check: Fly.io can't say whether it answers",
      ],
    });
    const machines = [...api.apps.get("shop")!.machines.values()];
    expect(machines.map(({ image_ref }) => image_ref.digest)).toEqual([
      digestOf(one),
      digestOf(one),
    ]);
    expect(kept.get("fly/deploy.log")).toMatch(/^\$ flyctl deploy --app shop[^]*exit code 0\n$/);
    expect([...kept.keys()]).toEqual(["fly/deploy.log"]);
  });

  test("replaces every machine by the digest, with the app's own fly.toml, and builds nothing", async () => {
    const api = await flyApi();
    const { deployer, commands } = await flyDeployment(api, {
      ...withConfig(),
      fly: {
        config: "deploy/fly.toml",
        strategy: "canary",
        primaryRegion: "fra",
        waitTimeout: "90s",
        releaseCommandTimeout: "1500ms",
      },
    });
    await deployer.deploy(wanted(one));
    const done = await deployer.deploy(wanted(two));
    expect(commands.findLast(([first]) => first === "deploy")).toEqual([
      ...["deploy", "--app", "shop", "--image", two, "--config", "/sluice/fly.toml"],
      ...["--env", `SLUICE_COMMIT=${commit}`, "--env", "SLUICE_RELEASE="],
      ...["--env", "SLUICE_ENVIRONMENT=live"],
      ...["--strategy", "canary", "--primary-region", "fra", "--wait-timeout", "90s"],
      ...["--release-command-timeout", "1500ms", "--remote-only", "--deploy-retries", "0", "--yes"],
    ]);
    const app = api.apps.get("shop")!;
    expect(done.release).toBe("v2");
    expect(done.notes).toContain("2 machines started, all health checks pass");
    expect(app.releases.map(({ imageRef, status }) => [imageRef, status])).toEqual([
      [one, "complete"],
      [two, "complete"],
    ]);
    for (const { config, region, image_ref } of app.machines.values()) {
      if (config.metadata?.fly_process_group !== "app") continue;
      expect(image_ref.digest).toBe(digestOf(two));
      expect(region).toBe("fra");
      expect(config).toMatchObject({
        image: two,
        env: { GREETING: "hello", SLUICE_COMMIT: commit },
      });
    }
  });

  test("makes no new release of what already runs", async () => {
    const api = await flyApi();
    const { deployer } = await flyDeployment(api, withConfig());
    await deployer.deploy(wanted(one));
    const done = await deployer.deploy(wanted(one));
    expect(done).toEqual({
      release: "v1",
      notes: [
        "Fly.io, app shop: unchanged, release v1 already runs 111111111111",
        "2 machines started, all health checks pass",
      ],
    });
    expect(api.apps.get("shop")!.releases).toHaveLength(1);
  });

  test("makes a new release of the same digest when fly.toml says something else", async () => {
    const api = await flyApi();
    await (await flyDeployment(api, withConfig())).deployer.deploy(wanted(one));
    const other = await flyDeployment(api, withConfig(flyToml.replace("hello", "good evening")));
    expect((await other.deployer.deploy(wanted(one))).release).toBe("v2");
    const running = [...api.apps.get("shop")!.machines.values()].filter(
      ({ state }) => state === "started",
    );
    expect(running.map(({ config }) => config.env?.GREETING)).toEqual([
      "good evening",
      "good evening",
    ]);
  });

  test("tells machines of another commit with the same digest which one they are of", async () => {
    const api = await flyApi();
    const { deployer } = await flyDeployment(api);
    await deployer.deploy(wanted(one));
    const later = "b".repeat(40);
    expect((await deployer.deploy({ ...wanted(one), commit: later })).release).toBe("v2");
    const machines = [...api.apps.get("shop")!.machines.values()];
    expect(machines.map(({ config }) => config.env?.SLUICE_COMMIT)).toEqual([later, later]);
  });

  test("runs the release command for a deployment, and not for a rollback", async () => {
    const api = await flyApi();
    const { deployer, commands } = await flyDeployment(api, withConfig());
    await deployer.deploy(wanted(one));
    await deployer.deploy(wanted(two));
    const { logs } = api.apps.get("shop")!;
    expect(logs).toEqual(["app created", "migrated", "migrated"]);
    const done = await deployer.deploy(wanted(one, { kind: "rollback" }));
    expect(done.release).toBe("v3");
    expect(logs).toHaveLength(3);
    expect(commands.findLast(([first]) => first === "deploy")).toContain("--skip-release-command");
    expect(await deployer.running()).toEqual({ web: digestOf(one) });
  });

  test("leaves machines of other regions alone", async () => {
    const api = await flyApi();
    await (await flyDeployment(api)).deployer.deploy(wanted(one));
    const [near, far] = [...api.apps.get("shop")!.machines.values()];
    far!.region = "syd";
    const { deployer } = await flyDeployment(api, { fly: { regions: ["fra", "ams"] } });
    await deployer.deploy(wanted(two));
    expect(near!.image_ref.digest).toBe(digestOf(two));
    expect(far!.image_ref.digest).toBe(digestOf(one));
  });

  test("updates machines that sleep, without waking them", async () => {
    const api = await flyApi();
    const { deployer } = await flyDeployment(api);
    await deployer.deploy(wanted(one));
    const [first] = api.apps.get("shop")!.machines.values();
    first!.state = "stopped";
    const done = await deployer.deploy(wanted(two));
    expect(first).toMatchObject({ state: "stopped", image_ref: { digest: digestOf(two) } });
    expect(done.notes).toContain("1 machine stopped, to be started on demand");
  });
});

describe("plan", () => {
  test("says the very command, and changes nothing", async () => {
    const api = await flyApi();
    const { deployer, kept } = await flyDeployment(api, { fly: { mirror: false } });
    await deployer.deploy(wanted(one));
    const { machines, releases } = structuredClone({ ...api.apps.get("shop")!, behaviour: {} });
    kept.clear();
    expect(await deployer.plan(wanted(two))).toEqual([
      "app shop is at release v1, with 2 machines",
      `flyctl deploy --app shop --image ${two} --env SLUICE_COMMIT=${commit} --env SLUICE_RELEASE= --env SLUICE_ENVIRONMENT=live --wait-timeout 300s --release-command-timeout 300s --remote-only --deploy-retries 0 --yes`,
    ]);
    expect(await deployer.plan(wanted(one))).toEqual([
      "app shop is at release v1, with 2 machines",
      `unchanged: all machines run ${digestOf(one)}`,
    ]);
    expect(api.apps.get("shop")).toMatchObject({ machines, releases });
    expect(kept.size).toBe(0);
  });

  test("refuses what a deployment would be refused for", async () => {
    const api = await flyApi();
    const expired = await flyDeployment(api, { token: "of-yesterday" });
    await expect(expired.deployer.plan(wanted(one))).rejects.toMatchObject({
      code: "FLY_UNAUTHORIZED",
    });
    const other = await flyDeployment(api, { fly: { app: "shed" } });
    await expect(other.deployer.plan(wanted(one))).rejects.toMatchObject({
      code: "FLY_APP_NOT_FOUND",
    });
  });
});

describe("running", () => {
  test("is nothing where no machine is", async () => {
    const api = await flyApi();
    expect(await (await flyDeployment(api)).deployer.running()).toBeUndefined();
  });

  test("is what the oldest release runs where machines differ", async () => {
    const api = await flyApi();
    const { deployer, progress } = await flyDeployment(api);
    await deployer.deploy(wanted(one));
    const [first] = api.apps.get("shop")!.machines.values();
    await deployer.deploy(wanted(two));
    Object.assign(first!, { image_ref: { ...first!.image_ref, digest: digestOf(one) } });
    first!.config = { ...first!.config, image: one, metadata: { ...first!.config.metadata! } };
    first!.config.metadata!.fly_release_version = "1";
    expect(await deployer.running()).toEqual({ web: digestOf(one) });
    expect(progress.at(-1)).toMatch(/^machines of app shop differ:\nmachine /);
  });
});

describe("logs", () => {
  test("are the app's last lines", async () => {
    const api = await flyApi();
    api.apps.get("shop")!.logs.push("listening on 8080");
    expect(await (await flyDeployment(api)).deployer.logs()).toContain("listening on 8080");
  });

  test("that never come are not waited for without end", async () => {
    const api = await flyApi();
    api.apps.get("shop")!.logs = [];
    const { deployer } = await flyDeployment(api, { clock: virtualClock() });
    expect(await deployer.logs()).toBe("(no log lines of app shop within 30 s)\n");
  });
});
