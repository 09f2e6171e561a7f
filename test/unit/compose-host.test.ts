import { describe, expect, it } from "vitest";
import { knownAs, parseAddress } from "../../.dagger/src/deploy/compose-host/address.ts";
import {
  resultOf,
  sectionsOf,
  type HostResult,
} from "../../.dagger/src/deploy/compose-host/answer.ts";
import { dockerLogin } from "../../.dagger/src/deploy/compose-host/login.ts";
import { digestsRunning } from "../../.dagger/src/deploy/compose-host/running.ts";
import { stackOf } from "../../.dagger/src/deploy/compose-host/stack.ts";
import { failureOf } from "../../.dagger/src/deploy/compose-host/verdict.ts";
import { parsePipeline } from "../../.dagger/src/pipeline/parse.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;

describe("the address of a Compose host", () => {
  it.each([
    ["ssh://deploy@shop.example.com", "deploy", "shop.example.com", 22],
    ["ssh://deploy@shop.example.com:2222", "deploy", "shop.example.com", 2222],
    ["ssh://root@10.0.0.1/", "root", "10.0.0.1", 22],
    ["ssh://a_b@[fe80::1]:22", "a_b", "fe80::1", 22],
  ])("%s", (text, user, host, port) => {
    expect(parseAddress(text)).toMatchObject({ user, host, port });
  });

  it.each([
    "shop.example.com",
    "https://deploy@shop.example.com",
    "ssh://shop.example.com",
    "ssh://-oProxyCommand=id@shop.example.com",
    "ssh://deploy@-oProxyCommand=id",
    "ssh://deploy@shop.example.com:0",
    "ssh://deploy@shop.example.com:65536",
    "ssh://deploy@shop.example.com/srv",
    "ssh://deploy@shop example.com",
    "ssh://deploy@$(id)",
    "ssh://deploy@shop.example.com\nProxyCommand id",
    `ssh://deploy@${"x".repeat(300)}`,
    "ssh://deploy:hunter2@shop.example.com",
  ])("is not %j", (text) => {
    expect(() => parseAddress(text)).toThrow("[COMPOSE_HOST_INVALID]");
    expect(() => parseAddress(text)).not.toThrow("hunter2");
  });

  it("is named as known_hosts has it", () => {
    expect(knownAs(parseAddress("ssh://deploy@shop.example.com"))).toBe("shop.example.com");
    expect(knownAs(parseAddress("ssh://deploy@[::1]:2222"))).toBe("[::1]:2222");
  });
});

describe("what a Compose host answers", () => {
  const mark = "\n==== sluice 1-2 ";
  const result =
    '{"run":"1-2","outcome":"deployed","step":"verify","blocked":"none","restored":"untouched","maintenance":"off"}';

  it("is taken apart, whatever a login says before", () => {
    const sections = sectionsOf(`Welcome!${mark}log\nall well${mark}result\n${result}\n`, "1-2");
    expect(sections.get("log")).toBe("all well");
    expect(resultOf(sections, "1-2")?.outcome).toBe("deployed");
    expect(sectionsOf("Welcome!", "1-2").size).toBe(0);
  });

  it.each([
    ["of another run", result.replace("1-2", "3-4")],
    ["cut off", result.slice(0, 40)],
    ["of another version", result.replace("deployed", "levitated")],
    ["empty", ""],
  ])("is no result when it is %s", (_, text) => {
    expect(resultOf(sectionsOf(`${mark}result\n${text}`, "1-2"), "1-2")).toBeUndefined();
  });

  it("names the digest that a container was asked for, among those that its image has", () => {
    const lines = [
      `backend ghcr.io/acme/backend@${digest("2")} ghcr.io/acme/backend@${digest("1")} ghcr.io/acme/backend@${digest("2")}`,
      `web ghcr.io/acme/web:latest ghcr.io/acme/web@${digest("3")}`,
      `db postgres:17 postgres@${digest("4")}`,
      `local local:1 `,
      `mixed x@${digest("5")} x@${digest("5")}`,
      `mixed x@${digest("6")} x@${digest("6")}`,
    ].join("\n");
    expect(digestsRunning(lines, ["backend", "web", "local", "mixed", "absent"])).toEqual({
      backend: digest("2"),
      web: digest("3"),
      local: "unknown",
      mixed: `${digest("5")}, ${digest("6")}`,
    });
    expect(digestsRunning("", ["backend"])).toBeUndefined();
  });
});

describe("a failure on a Compose host", () => {
  const failed: HostResult = {
    ...{ run: "1", outcome: "failed", step: "pull", blocked: "none" },
    ...{ restored: "untouched", maintenance: "off" },
  };
  const where = {
    address: parseAddress("ssh://deploy@shop.example.com"),
    stack: { root: "/srv/shop", home: "/srv/shop", place: "current", project: "shop-live" },
    ...{ place: "live", log: "" },
  };
  const message = (result: Partial<HostResult>, log = "") =>
    failureOf({ ...failed, ...result }, { ...where, log })?.message;

  it.each<[HostResult["blocked"], string]>([
    ["docker", "has no docker on the PATH of its user [COMPOSE_HOST_UNSUITABLE]"],
    ["flock", "has no flock on the PATH of its user [COMPOSE_HOST_UNSUITABLE]"],
    ["daemon", "has a Docker that doesn't answer deploy [COMPOSE_HOST_UNSUITABLE]"],
    ["compose", "expected 2.24 or newer [COMPOSE_HOST_UNSUITABLE]"],
    [
      "denied",
      "deploy may not write to /srv/shop on ssh://deploy@shop.example.com:22 [COMPOSE_HOST_DENIED]",
    ],
    ["foreign", "has a compose.yaml or .env that Sluice did not write [COMPOSE_HOST_FOREIGN]"],
    ["full", "is full; nothing that runs there was changed [COMPOSE_HOST_FULL]"],
    ["busy", "another deployment is at work in /srv/shop"],
  ])("says what stands in the way: %s", (blocked, reason) => {
    expect(message({ step: "check", blocked })).toContain(reason);
    expect(message({ step: "check", blocked })).toContain("\nNext: ");
  });

  it("knows a disk that fills up while an image is pulled", () => {
    const log = "failed to register layer: write /usr/bin/x: no space left on device";
    expect(message({}, log)).toContain("[COMPOSE_HOST_FULL]");
    expect(message({}, "connection refused")).toContain("[COMPOSE_PULL_FAILED]");
  });

  it("tells when going back failed, too, and the maintenance mode stays on", () => {
    const said = message({ step: "up", restored: "failed", maintenance: "stuck" });
    expect(said).toContain(
      "live on ssh://deploy@shop.example.com:22 did not become healthy; the maintenance mode of live could not be switched off; going back to what ran there before failed too [COMPOSE_DEPLOY_FAILED]",
    );
    expect(said).toContain(
      "Next: look there at once: ssh -p 22 deploy@shop.example.com; cd /srv/shop; docker compose ps --all",
    );
  });

  it("is none for one that went well", () => {
    expect(message({ outcome: "unchanged" })).toBeUndefined();
  });
});

describe("a stack on a Compose host", () => {
  const pipeline = parsePipeline(
    `
version: 1
name: ${"Long ".repeat(30)}
services: { web: { port: 80, probe: { path: / } } }
registries: { hub: { address: docker.io/acme } }
channels: { prod: {} }
targets:
  live: { channel: prod, compose: { host: "ssh://a@b.example.com", directory: /srv/shop, slots: 3 } }
  named: { channel: prod, compose: { host: "ssh://a@b.example.com", directory: /srv/x, project: shop } }
`,
    "release.yaml",
  );
  const [live, named] = pipeline.targets.map((target) => (slot?: number) => {
    if (target.platform.kind !== "compose") throw new TypeError("no Compose target");
    return stackOf({ pipeline, target: { ...target, platform: target.platform }, slot });
  });

  it("has a project of bounded length, a folder and a state for each slot", () => {
    expect(live?.(2)).toEqual({
      ...{ root: "/srv/shop", home: "/srv/shop/slot-2", place: "slot-2" },
      project: expect.stringMatching(/^(?:long-){9}lo-[0-9a-f]{8}-2$/) as string,
    });
    expect(named?.()).toEqual({
      ...{ root: "/srv/x", home: "/srv/x", place: "current", project: "shop" },
    });
  });
});

describe("credentials for a host's Docker", () => {
  it("are those of the images' registries, by the names that Docker has for them", async () => {
    const images = [
      "docker.io/acme/web",
      "ghcr.io/acme/web",
      "ghcr.io/acme/job",
      "other:5000/x",
    ].map((name) => ({ service: name, digest: digest("1"), ref: `${name}@${digest("1")}` }));
    const loginFor = (host: string) =>
      Promise.resolve(host === "other:5000" ? undefined : { username: "ann", password: host });
    const auth = (password: string) => ({
      auth: Buffer.from(`ann:${password}`).toString("base64"),
    });
    expect(JSON.parse((await dockerLogin({ loginFor }, { images })) ?? "")).toEqual({
      auths: { "https://index.docker.io/v1/": auth("docker.io"), "ghcr.io": auth("ghcr.io") },
    });
    const none = () => Promise.resolve(undefined);
    expect(await dockerLogin({ loginFor: none }, { images })).toBeUndefined();
  });
});
