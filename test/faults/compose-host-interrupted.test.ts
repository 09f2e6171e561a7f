import { readdir } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { doorTo } from "../support/door.ts";

const images = composeImages();
// Stays in the middle of a deployment until the test lets it go on.
const maintenance = {
  on: ["sh", "-c", "echo on >>maintenance; while [ ! -e go ]; do sleep 0.1; done"],
  off: ["sh", "-c", "echo off >>maintenance"],
};

describe("a deployment to a Compose host that is interrupted", () => {
  it("goes on without its connection, and a new one hears how it ended", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const door = await doorTo(`127.0.0.1:${host.ssh.port}`);
    const port = Number(door.host.split(":")[1]);
    const deployer = deployerOn({ host, address: images.address, port, platform: { maintenance } });

    const deploying = deployer.deploy(wantedOf("1", [one]));
    await host.appears("maintenance");
    door.shut();
    await host.write("go", "");
    await door.open();
    const done = await deploying;
    door.shut();

    expect(done.notes).toEqual([]);
    expect(deployer.progress.at(-1)).toContain("is lost; asking again");
    expect(await deployerOn({ host, address: images.address }).running()).toEqual({
      backend: one.digest,
    });
    expect(await host.read("maintenance")).toBe("on\noff\n");
  });

  it("goes back by itself when nobody asks any more", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const broken = await images.image("backend", "2", "broken");
    const plain = deployerOn({ host, address: images.address });
    await plain.deploy(wantedOf("1", [one]));
    const door = await doorTo(`127.0.0.1:${host.ssh.port}`);
    const port = Number(door.host.split(":")[1]);
    const deployer = deployerOn({ host, address: images.address, port, platform: { maintenance } });

    const deploying = deployer.deploy(wantedOf("2", [broken])).catch(String);
    await host.appears("maintenance");
    door.shut();
    const failure = await deploying;
    expect(failure).toContain("lost during the deployment, and it can't be reached again");
    expect(failure).toContain("[COMPOSE_CONNECTION_LOST]");
    expect(failure).toContain("The host ends it by itself");

    // It is still at it.
    const busy = await plain.deploy(wantedOf("1", [one])).catch(String);
    expect(busy).toContain("another deployment is at work in");
    expect(busy).toContain("deployment of 222222222222, since 20");
    await host.write("go", "");
    await host.ended();

    expect(await plain.running()).toEqual({ backend: one.digest });
    expect(await host.read("maintenance")).toBe("on\noff\n");
    expect(await readdir(host.temporary)).toEqual([]);
  });

  it("is asked to stop on the host: it goes back", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    await deployerOn({ host, address: images.address }).deploy(wantedOf("1", [one]));
    const deployer = deployerOn({ host, address: images.address, platform: { maintenance } });

    const deploying = deployer.deploy(wantedOf("2", [two])).catch(String);
    await host.appears("maintenance");
    for (const pid of await host.processes("worker")) process.kill(pid, "SIGTERM");
    await host.write("go", "");
    const failure = await deploying;

    expect(failure).toContain("asked to stop");
    expect(failure).toContain("nothing that runs there was changed");
    expect(await deployer.running()).toEqual({ backend: one.digest });
    expect(await host.read("maintenance")).toBe("on\noff\n");
  });

  it("is asked to stop while new containers start: what ran before runs again", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const broken = await images.image("backend", "2", "broken");
    const deployer = deployerOn({ host, address: images.address });
    await deployer.deploy(wantedOf("1", [one]));

    const deploying = deployer.deploy(wantedOf("2", [broken])).catch(String);
    while (!(await host.read("compose.yaml"))?.includes(broken.ref)) await sleep(50);
    for (const pid of await host.processes("worker")) process.kill(pid, "SIGTERM");
    const failure = await deploying;

    expect(failure).toContain("what ran there before runs again [COMPOSE_DEPLOY_FAILED]");
    expect(await deployer.running()).toEqual({ backend: one.digest });
    expect(await host.read("compose.yaml")).toContain(one.ref);
  });

  it("is killed on the host: the next one begins from what ran well, and ends the maintenance", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const broken = await images.image("backend", "2", "broken");
    const plain = deployerOn({ host, address: images.address });
    await plain.deploy(wantedOf("1", [one]));
    const deployer = deployerOn({ host, address: images.address, platform: { maintenance } });

    const deploying = deployer.deploy(wantedOf("2", [broken])).catch(String);
    await host.appears("maintenance");
    for (const pid of await host.processes("worker")) process.kill(pid, "SIGKILL");
    await host.write("go", "");
    expect(await deploying).toContain("[COMPOSE_CONNECTION_LOST]");
    expect(await host.read("maintenance")).toBe("on\n");

    const failure = await deployer.deploy(wantedOf("3", [broken])).catch(String);
    expect(failure).toContain("what ran there before runs again [COMPOSE_DEPLOY_FAILED]");
    expect(await plain.running()).toEqual({ backend: one.digest });
    expect(await host.read("maintenance")).toBe("on\non\noff\n");
  });

  it("is not begun after somebody asked to stop", async () => {
    const host = await composeHost();
    const one = await images.image("backend", "1");
    const signal = AbortSignal.abort(new Error("interrupted"));
    const deployer = deployerOn({ host, address: images.address, signal });
    await expect(deployer.deploy(wantedOf("1", [one]))).rejects.toThrow("interrupted");
    expect(await host.files()).toEqual([]);
  });

  it("is one of two at once: only one of them works", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const one = await images.image("backend", "1");
    const two = await images.image("backend", "2");
    const first = deployerOn({ host, address: images.address, platform: { maintenance } });
    const deploying = first.deploy(wantedOf("1", [one]));
    await host.appears("maintenance");

    const other = deployerOn({ host, address: images.address });
    const wanted = wantedOf("2", [two]);
    for (const failure of [
      await other.deploy(wanted).catch(String),
      await other.plan(wanted).catch(String),
    ]) {
      expect(failure).toContain(
        `another deployment is at work in ${host.directory} on ssh://${host.ssh.user}@127.0.0.1:${host.ssh.port} [COMPOSE_HOST_BUSY]`,
      );
      expect(failure).toContain("deployment of 111111111111");
    }
    await host.write("go", "");
    await deploying;
    expect(await other.running()).toEqual({ backend: one.digest });
  });
});
