import { readdir } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";

const images = composeImages({ signIn: true });
const login = { username: "sluice", password: "open-sesame" };

describe("images of a registry that wants a password", { timeout: 240_000 }, () => {
  it("are pulled with it, and the host keeps nothing of it", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const deployer = deployerOn({ host, address: images.address, login });

    await deployer.deploy(wantedOf("1", [backend]));

    expect(await deployer.running()).toEqual({ backend: backend.digest });
    const encoded = Buffer.from("sluice:open-sesame").toString("base64");
    for (const path of await host.files()) {
      expect((await host.read(path)) ?? "").not.toMatch(new RegExp(`open-sesame|${encoded}`));
    }
    expect(await readdir(host.temporary)).toEqual([]);
  });

  it("are refused without it, and nothing is changed", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "2");
    const deployer = deployerOn({
      ...{ host, address: images.address },
      login: { username: "sluice", password: "open-barley" },
    });

    const failure = await deployer.deploy(wantedOf("2", [backend])).catch(String);

    expect(failure).toContain(
      "the registry refuses to give live on ssh://root@127.0.0.1:".replace("root", host.ssh.user),
    );
    expect(failure).toContain("nothing that runs there was changed [COMPOSE_REGISTRY_REFUSED]");
    expect(failure).not.toContain("open-barley");
    expect(await host.containers()).toEqual([]);
    expect(await host.read("compose.yaml")).toBeUndefined();
  });
});
