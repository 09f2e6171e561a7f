import { describe, expect, it } from "vitest";
import { systemdFiles } from "../../.dagger/src/deploy/systemd.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const pipeline = parsePipeline(
  `
version: 1
name: shop
services: { web: { port: 80, probe: { path: / } } }
registries: { ghcr: { address: ghcr.io/acme } }
channels: { production: { branch: production } }
targets:
  host:
    channel: production
    url: { setting: SITE_URL }
    version: {}
    compose: { host: { setting: DEPLOY_HOST }, directory: /srv/shop, slots: 2 }
`,
  "release.yaml",
);

const defaults = {
  ...{ slot: 2, every: "5m", checkout: "/srv/release", user: "deploy" },
  ...{ sluice: "/usr/local/bin/sluice", credentials: ["registry-auth"] },
};

describe("units for a host that deploys itself", () => {
  const files = systemdFiles(pipeline, defaults);

  it("run the same command as anybody else, with all that the target needs from the environment", () => {
    const service = files["sluice-shop-host-2.service"] ?? "";
    const [line = ""] = service.split("\n").filter((one) => one.startsWith("ExecStart="));
    for (const words of [
      '/usr/local/bin/sluice "call"',
      '"--registry-auth" "env:REGISTRY_AUTH"',
      '"with-setting" "--name" "SITE_URL" "--value" "env:SITE_URL"',
      '"--name" "DEPLOY_HOST"',
      '"--name" "DEPLOY_SSH_KEY"',
      '"--name" "DEPLOY_KNOWN_HOSTS"',
      '"deploy-compose" "--target" "host" "--slot" "2"',
    ]) {
      expect(line).toContain(words);
    }
    expect(files["sluice-shop-host-2.env.example"]).toMatch(
      /REGISTRY_AUTH=\nSITE_URL=\nDEPLOY_HOST=\n/,
    );
  });

  it("follow the branch that the channel moves", () => {
    expect(files["sluice-shop-host-2.service"]).toMatch(
      /^ExecStartPre=\/usr\/bin\/git "pull".*"production"$/m,
    );
    expect(files["sluice-shop-host-2.timer"]).toContain("OnUnitInactiveSec=300");
  });

  it.each([
    [{ every: "often" }, "--every: expected a duration such as 5m"],
    [{ credentials: ["password"] }, "--credentials: expected one of registry-auth"],
    [{ user: "--root" }, "expected the name of a user"],
    [{ checkout: "/srv/$(id)" }, "expected an absolute path"],
    [{ slot: 3 }, "host has slots 1 to 2, found 3"],
    [{ slot: undefined }, "host has slots 1 to 2"],
  ])("are refused for %j", (more, reason) => {
    expect(() => systemdFiles(pipeline, { ...defaults, ...more })).toThrow(reason);
  });
});
