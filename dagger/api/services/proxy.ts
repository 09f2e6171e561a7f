import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { SluiceError } from "../../core/error.ts";

/** A TCP listener that forwards every connection. */
export interface Proxy {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on `host:port` (port 0: a free one) and forwards to what `target` answers. */
export async function forward(
  host: string,
  port: number,
  target: () => { host: string; port: number },
): Promise<Proxy> {
  const open = new Set<Socket>();
  const track = (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    socket.on("error", () => socket.destroy());
  };
  const server: Server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ ...target(), allowHalfOpen: true });
    track(client);
    track(upstream);
    client.once("close", () => upstream.destroy());
    upstream.once("close", () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const taken = error.code === "EADDRINUSE";
      reject(
        taken
          ? new SluiceError("PORT_IN_USE", `port ${port} on ${host} is in use`, {
              hint: "Stop what listens there, or choose another port.",
              cause: error,
            })
          : error,
      );
    });
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
