import { expect, test } from "vitest";
import { daggerProgram } from "../../.dagger/src/deploy/program.ts";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { gatewayFront } from "../support/gatewayFront.ts";

const images = composeImages({ signIn: true });

test("the ssh of a container deploys to a Compose host, with credentials that only it gets", async () => {
  const host = await composeHost();
  await anyPorts(host);
  const backend = await images.image("backend", "1");
  const [hostName = "", port = ""] = (await gatewayFront(host.ssh.port)).split(":");
  const deployer = deployerOn({
    ...{ host, address: images.address, openProgram: daggerProgram },
    ...{ hostName, port: Number(port) },
    login: { username: "sluice", password: "open-sesame" },
  });

  await deployer.deploy(wantedOf("1", [backend]));

  expect(await deployer.running()).toEqual({ backend: backend.digest });
});
