import { connect, createServer, type AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/**
 * Forwards connections to an address of this machine to a port of its loopback, until the test ends.
 * Answers the port.
 *
 * @param at the port to take; default: any
 */
export async function forward(port: number, address: string, at = 0): Promise<number> {
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
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at, address, resolve);
  });
  return (server.address() as AddressInfo).port;
}
