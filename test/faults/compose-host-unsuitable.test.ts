import { execFileSync } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { composeHost, deployerOn, wantedOf, type ComposeHost } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { scratch } from "../support/scratch.ts";

const images = composeImages();

/** Neither planned nor deployed, for one reason, and nothing is left there. */
async function refused(host: ComposeHost): Promise<string> {
  const deployer = deployerOn({ host, address: images.address });
  const wanted = wantedOf("1", [await images.image("backend", "1")]);
  const files = await host.files();
  const planned = await deployer.plan(wanted).then(() => "it worked", String);
  const deployed = await deployer.deploy(wanted).then(() => "it worked", String);
  expect(planned.split("\n", 1)).toEqual(deployed.split("\n", 1));
  expect(await host.files()).toEqual(files);
  expect(await host.containers()).toEqual([]);
  return deployed;
}

/** A PATH with the programs of any host, and those named. */
async function path(programs: readonly string[]): Promise<string> {
  const folder = await scratch();
  const basics = ["sh", "base64", "tar", "mktemp", "rm", "cat", "mkdir", "sleep", "dirname", "df"];
  for (const name of [...basics, "basename", "date", "tail", "tr", "mv", "ln", ...programs]) {
    const file = execFileSync("sh", ["-c", 'command -v "$1"', "sh", name], { encoding: "utf8" });
    await symlink(file.trim(), join(folder, name));
  }
  return folder;
}

describe("a host that can't run Docker Compose", () => {
  it("has no docker", async () => {
    const said = await refused(await composeHost({ env: { PATH: await path(["flock"]) } }));
    expect(said).toContain("has no docker on the PATH of its user [COMPOSE_HOST_UNSUITABLE]");
    expect(said).toContain("Next: install Docker Engine there");
  });

  it("has no flock", async () => {
    const said = await refused(await composeHost({ env: { PATH: await path(["docker"]) } }));
    expect(said).toContain("has no flock on the PATH of its user [COMPOSE_HOST_UNSUITABLE]");
  });

  it("has a Docker that does not run", async () => {
    const env = { DOCKER_HOST: "unix:///nowhere/docker.sock" };
    const said = await refused(await composeHost({ env }));
    expect(said).toContain("has a Docker that doesn't answer");
    expect(said).toContain("/nowhere/docker.sock");
  });

  it("has a manifest of somebody else's in the directory, which stays", async () => {
    const host = await composeHost();
    await host.write("compose.yaml", "services: {}\n");
    const said = await refused(host);
    expect(said).toContain("that Sluice did not write [COMPOSE_HOST_FOREIGN]");
    expect(await host.read("compose.yaml")).toBe("services: {}\n");
  });

  it("has none of the programs that a request needs", async () => {
    const folder = await scratch();
    await symlink("/bin/sh", join(folder, "sh"));
    const said = await refused(await composeHost({ env: { PATH: folder } }));
    expect(said).toContain("did not run what it was asked to: exit code 70");
    expect(said).toContain("mktemp");
  });
});
