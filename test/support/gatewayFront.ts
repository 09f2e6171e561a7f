import { createServer, connect, type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { docker } from "./dockerStage.ts";
import { nonce } from "./containers.ts";

/**
 * Lets containers reach something of this machine's loopback, as they would a public address: on the
 * gateway of a network of its own, until the test ends. Answers host and port.
 */
export async function gatewayFront(port: number): Promise<string> {
  const network = `sluice-test-gateway-${nonce()}`;
  await docker("network", "create", "--label", "dev.sluice.test=gateway", network);
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer((asked) => {
    const passed = connect(port, "127.0.0.1");
    for (const socket of [asked, passed]) {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
      // Whoever hangs up ends both.
      socket.on("error", () => {
        asked.destroy();
        passed.destroy();
      });
    }
    asked.pipe(passed).pipe(asked);
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await docker("network", "rm", network);
  });
  const format = "{{(index .IPAM.Config 0).Gateway}}";
  const gateway = await docker("network", "inspect", "--format", format, network);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, gateway, resolve);
  });
  return `${gateway}:${(server.address() as AddressInfo).port}`;
}
