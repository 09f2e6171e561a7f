import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What stands between git and its server. */
export interface GitCut {
  port: number;
  /** From the next push on: its bytes get through, and the answer doesn't. */
  losePushReply(): void;
  /** How many answers were lost. */
  lost(): number;
  /** How many connections clients have open. */
  open(): number;
  /** From now on, connections are accepted and nothing is ever answered. */
  hang(): void;
}

/** Stands in front of a git server over HTTP on this machine, until the test ends. */
export async function gitCut(backend: number): Promise<GitCut> {
  let mode: "pass" | "lose" | "hang" = "pass";
  let lost = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on("error", () => undefined);
    client.on("close", () => open.delete(client));
    if (mode === "hang") {
      client.resume();
      return;
    }
    const upstream = connect(backend, "127.0.0.1");
    upstream.on("error", () => client.destroy());
    let pushing = false;
    client.on("data", (chunk: Buffer) => {
      if (mode === "lose" && chunk.includes("POST ") && chunk.includes("/git-receive-pack ")) {
        pushing = true;
        mode = "pass";
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk: Buffer) => {
      // The server answers when it has done its work.
      if (!pushing) client.write(chunk);
      else if (!client.destroyed) {
        lost += 1;
        client.destroy();
      }
    });
    upstream.on("close", () => client.end());
    client.on("close", () => {
      if (!pushing) upstream.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    open.forEach((socket) => socket.destroy());
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port: (server.address() as AddressInfo).port,
    losePushReply: () => (mode = "lose"),
    lost: () => lost,
    open: () => open.size,
    hang: () => (mode = "hang"),
  };
}
