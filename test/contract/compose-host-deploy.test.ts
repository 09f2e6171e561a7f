import { describe, expect, it } from "vitest";
import { composeImages } from "../support/composeImages.ts";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";

const images = composeImages();

describe("a deployment to a Compose host", () => {
  it("runs exactly the digests that are wanted", async () => {
    const host = await composeHost();
    await anyPorts(host);
    const backend = await images.image("backend", "1");
    const deployer = deployerOn({ host, address: images.address });

    expect(await deployer.running()).toBeUndefined();
    const done = await deployer.deploy(wantedOf("1", [backend]));

    expect(done.notes).toEqual([]);
    expect(await deployer.running()).toEqual({ backend: backend.digest });
    expect(await host.read("compose.yaml")).toContain(backend.ref);
    expect(await deployer.logs()).toContain("backend 1");
  });
});
