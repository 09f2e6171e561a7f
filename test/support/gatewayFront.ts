import { onTestFinished } from "vitest";
import { docker } from "./dockerStage.ts";
import { nonce } from "./containers.ts";
import { forward } from "./forward.ts";

/**
 * Lets containers reach something of this machine's loopback, as they would a public address: on the
 * gateway of a network of its own, until the test ends. Answers host and port.
 */
export async function gatewayFront(port: number): Promise<string> {
  const network = `sluice-test-gateway-${nonce()}`;
  await docker("network", "create", "--label", "dev.sluice.test=gateway", network);
  // What is registered last is done first: the network goes after what listens on it.
  onTestFinished(async () => {
    await docker("network", "rm", network);
  });
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const gateway = await docker("network", "inspect", "--format", format, network);
  return `${gateway}:${await forward(port, gateway)}`;
}
