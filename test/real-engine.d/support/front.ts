import { docker } from "../../support/dockerStage.ts";
import { forward } from "../../support/forward.ts";

/** Address of this machine in the engine's containers. */
export async function hostAddress(): Promise<string> {
  const given = process.env.SLUICE_TEST_HOST;
  if (given !== undefined) return given;
  const format = "{{with index .IPAM.Config 0}}{{or .Gateway .Subnet}}{{end}}";
  const address = await docker("network", "inspect", "--format", format, "bridge");
  // A daemon that has just started names the subnet only, whose first address is its own.
  return address.replace(/\.0\/\d+$/, ".1");
}

/**
 * Lets containers reach a port of this machine's loopback, until the test ends. Answers the port.
 *
 * @param at the port to take; default: any
 */
export async function front(port: number, at?: number): Promise<number> {
  return forward(port, await hostAddress(), at);
}
