import { describe, expect, it } from "vitest";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";

const images = composeImages();
// Leaves a trace of each call, in the directory.
const maintenance = {
  on: ["sh", "-c", "echo on >>maintenance"],
  off: ["sh", "-c", "echo off >>maintenance"],
};

describe("a deployment to a Compose host that fails", () => {
  it("gives way to what ran before when it never becomes healthy, and both is told", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const good = await images.image("backend", "1");
    const broken = await images.image("backend", "2", "broken");
    const deployer = deployerOn({ host, address: images.address, platform: { maintenance } });
    await deployer.deploy(wantedOf("1", [good]));

    const failure = await deployer.deploy(wantedOf("2", [broken])).catch(String);

    expect(failure).toMatch(
      /live on ssh:\/\/\w+@127\.0\.0\.1:\d+ did not become healthy; what ran there before runs again \[COMPOSE_DEPLOY_FAILED\]/,
    );
    expect(await deployer.running()).toEqual({ backend: good.digest });
    expect(await host.read("compose.yaml")).toContain(good.ref);
    expect(await host.read("maintenance")).toBe("on\noff\non\noff\n");
    expect(deployer.kept.get("compose-host/live.log")).toContain(
      "the database refuses the password",
    );
    // What it left does not get in the way of the next one.
    const better = await images.image("backend", "3");
    await deployer.deploy(wantedOf("3", [better]));
    expect(await deployer.running()).toEqual({ backend: better.digest });
    expect(await host.read("compose.previous.yaml")).toContain(good.ref);
  });

  it("is stopped when nothing ran there before", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const broken = await images.image("backend", "2", "broken");
    const deployer = deployerOn({ host, address: images.address });

    const failure = await deployer.deploy(wantedOf("2", [broken])).catch(String);

    expect(failure).toContain(
      "did not become healthy; nothing ran there before, so what was started is stopped [COMPOSE_DEPLOY_FAILED]",
    );
    expect(await deployer.running()).toBeUndefined();
    expect(await host.containers()).toEqual([]);
    expect(await deployer.logs()).toContain("nothing was deployed to");
  });

  it("does not stay healthy", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const good = await images.image("backend", "1");
    const flapping = await images.image("backend", "2", "flapping");
    const deployer = deployerOn({ host, address: images.address, watchSeconds: 15 });
    await deployerOn({ host, address: images.address }).deploy(wantedOf("1", [good]));

    const failure = await deployer.deploy(wantedOf("2", [flapping])).catch(String);

    expect(failure).toContain(
      "became healthy and did not stay so; what ran there before runs again [COMPOSE_DEPLOY_FAILED]",
    );
    expect(deployer.kept.get("compose-host/live.log")).toMatch(
      /At first:\n\S+ running 0 healthy\nand then:\n\S+ running 0 unhealthy/,
    );
    expect(await deployer.running()).toEqual({ backend: good.digest });
  });

  it("can't migrate: what runs goes on untouched", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    await deployerOn({ host, address: images.address }).deploy(wantedOf("1", [one]));
    const before = await host.containers();
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: {
        maintenance,
        migrate: { service: "backend", command: ["sh", "-c", "echo no such column; exit 3"] },
      },
    });

    const failure = await deployer.deploy(wantedOf("2", [two])).catch(String);

    expect(failure).toMatch(
      /the migration for live on \S+ failed; .* \[COMPOSE_MIGRATION_FAILED\]/,
    );
    expect(failure).toContain("no such column");
    expect(await host.containers()).toEqual(before);
    expect(await deployer.running()).toEqual({ backend: one.digest });
    expect(await host.read("compose.yaml")).toContain(one.ref);
    expect(await host.read("maintenance")).toBe("on\noff\n");
  });

  it("can't switch the maintenance mode on: nothing happens, and it is switched off", async () => {
    const host = await composeHost();
    const one = await images.image("backend", "1");
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: { maintenance: { ...maintenance, on: ["sh", "-c", "echo no proxy; exit 1"] } },
    });

    const failure = await deployer.deploy(wantedOf("1", [one])).catch(String);

    expect(failure).toContain("could not be switched on; nothing that runs there was changed");
    expect(failure).toContain("[COMPOSE_MAINTENANCE_FAILED]");
    expect(failure).toContain("no proxy");
    expect(await host.read("maintenance")).toBe("off\n");
    expect(await host.containers()).toEqual([]);
  });

  it("can't switch the maintenance mode off, and says so; the next one does it", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const deployer = deployerOn({
      ...{ host, address: images.address },
      platform: { maintenance: { ...maintenance, off: ["sh", "-c", "cat may-stop && rm on-air"] } },
    });

    const failure = await deployer.deploy(wantedOf("1", [one])).catch(String);

    expect(failure).toContain(
      "live is deployed, but the maintenance mode of live could not be switched off [COMPOSE_MAINTENANCE_STUCK]",
    );
    expect(await deployer.running()).toEqual({ backend: one.digest });
    await host.write("may-stop", "");
    await host.write("on-air", "");
    await deployer.deploy(wantedOf("1", [one]));
    expect(await host.read("on-air")).toBeUndefined();
  });

  it("runs another image than the one that was promoted", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    const deployer = deployerOn({
      ...{ host, address: images.address },
      files: { "live.yaml": `services: { backend: { image: "${two.ref}" } }\n` },
      platform: { files: ["live.yaml"] },
    });

    const failure = await deployer.deploy(wantedOf("1", [one])).catch(String);

    expect(failure).toContain("does not run the images that were promoted;");
    expect(failure).toContain(`backend runs ${two.ref}, expected ${one.digest}`);
    expect(await host.containers()).toEqual([]);
  });

  it("has a file that is no Compose file, or none", async () => {
    const host = await composeHost();
    const one = await images.image("backend", "1");
    const at = (files: Record<string, string>) =>
      deployerOn({
        ...{ host, address: images.address, files },
        platform: { files: ["live.yaml"] },
      });

    const refused = await at({ "live.yaml": "services: { backend: { volumes: 3 } }" })
      .deploy(wantedOf("1", [one]))
      .catch(String);
    expect(refused).toContain("refuses the manifest of live; nothing that runs there was changed");
    expect(refused).toContain("[COMPOSE_MANIFEST_REFUSED]");

    const missing = await at({})
      .plan(wantedOf("1", [one]))
      .catch(String);
    expect(missing).toContain(
      '"live.yaml" is to be laid over the manifest, and 111111111111 has no such file [COMPOSE_OVERLAY_MISSING]',
    );
    expect(await host.containers()).toEqual([]);
  });

  it("wants an image that the registry doesn't have", async () => {
    const host = await composeHost();
    const digest = `sha256:${"0".repeat(64)}`;
    const missing = { service: "backend", digest, ref: `${images.address}/backend@${digest}` };
    const deployer = deployerOn({ host, address: images.address, platform: { maintenance } });

    const failure = await deployer.deploy(wantedOf("1", [missing])).catch(String);

    expect(failure).toContain("can't pull its images; nothing that runs there was changed");
    expect(failure).toContain("[COMPOSE_PULL_FAILED]");
    expect(await host.read("maintenance")).toBeUndefined();
  });
});
