import { connect, createServer, type AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { daggerProgram } from "../../.dagger/src/deploy/program.ts";
import { anyPorts, composeHost, deployerOn, wantedOf } from "../support/composeHost.ts";
import { composeImages } from "../support/composeImages.ts";
import { docker } from "../support/dockerStage.ts";

const images = composeImages({ signIn: true });

/** Makes a port of this machine's loopback reachable for containers; answers where. */
async function forContainers(port: number): Promise<{ hostName: string; port: number }> {
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const hostName = await docker("network", "inspect", "--format", format, "bridge");
  const server = createServer((client) => {
    const upstream = connect(port, "127.0.0.1");
    for (const socket of [client, upstream]) socket.on("error", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, hostName, resolve);
  });
  onTestFinished(() => void server.close());
  return { hostName, port: (server.address() as AddressInfo).port };
}

test("the ssh of a container deploys to a Compose host, with credentials that only it gets", async () => {
  const host = await composeHost();
  await anyPorts(host);
  const backend = await images.image("backend", "1");
  const deployer = deployerOn({
    ...{ host, address: images.address, openProgram: daggerProgram },
    ...(await forContainers(host.ssh.port)),
    login: { username: "sluice", password: "open-sesame" },
  });

  await deployer.deploy(wantedOf("1", [backend]));

  expect(await deployer.running()).toEqual({ backend: backend.digest });
});
