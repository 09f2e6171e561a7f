import { connect, createServer, type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { docker } from "../../support/dockerStage.ts";

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
export async function front(port: number, at = 0): Promise<number> {
  const server = createServer((asked) => {
    const passed = connect(port, "127.0.0.1");
    for (const socket of [asked, passed]) {
      socket.on("error", () => {
        asked.destroy();
        passed.destroy();
      });
    }
    asked.pipe(passed).pipe(asked);
  });
  onTestFinished(() => void server.close());
  const host = await hostAddress();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
