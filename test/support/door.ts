import { connect, createServer, type AddressInfo, type Socket } from "node:net";

/** A port that can be closed, and opened again. */
export interface Door {
  host: string;
  /** Cuts every connection; new ones are refused. */
  shut(): void;
  open(): Promise<void>;
}

/** Stands before a server at `127.0.0.1:<port>`. */
export async function doorTo(host: string): Promise<Door> {
  const [name = "", port = ""] = host.split(":");
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), name);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream).pipe(client);
  });
  const listen = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(at, "127.0.0.1", resolve);
    });
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  return {
    host: `127.0.0.1:${own}`,
    shut: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
    open: () => listen(own),
  };
}
