import { z } from "zod";
import { SluiceError } from "../../core/error.ts";
import { record } from "../../core/node.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { ContainerService } from "./container-service.ts";
import { Tunnel, type Forward } from "./host-service.ts";
import type { Service } from "./service.ts";

export const portForwards = z
  .array(
    z.object({
      backend: z.number().int().min(1).max(65535),
      frontend: z.number().int().min(0).max(65535).optional(),
      protocol: z.enum(["TCP", "UDP"]).optional(),
    }),
  )
  .default([]);

export const serviceFields: TypeDefinition<Service> = {
  start: plain(async (self) => (await self.start(), self)),
  sync: plain(async (self) => (await self.start(), self)),
  stop: field(
    { kill: z.boolean().optional() },
    async (self, args) => (await self.stop(args.kill === true), self),
  ),
  hostname: plain((self) => self.hostname()),
  ports: plain(async (self) =>
    (await self.ports()).map((port) => record("Port", { description: null, ...port })),
  ),
  endpoint: field(
    { port: z.number().int().optional(), scheme: z.string().optional() },
    async (self, args) => {
      const port = args.port ?? (await self.ports())[0]?.port;
      if (port === undefined) {
        throw new SluiceError("NO_PORTS", "no ports exposed", {
          hint: "Expose a port with withExposedPort, or name the port.",
        });
      }
      // Function code runs on this host, so the endpoint of a running service is one that the host can
      // dial. Before it runs, it is the name by which containers will find it.
      const running = await self.running();
      const { host, port: reachable } = running?.dial(port) ?? {
        host: await self.hostname(),
        port,
      };
      const address = `${host.includes(":") ? `[${host}]` : host}:${reachable}`;
      return args.scheme ? `${args.scheme}://${address}` : address;
    },
  ),
  withHostname: field({ hostname: z.string().min(1) }, (self, args) => {
    if (self instanceof ContainerService) return self.withHostname(args.hostname);
    throw new SluiceError(
      "UNSUPPORTED_FIELD",
      "Service.withHostname is only supported for services made from containers",
    );
  }),
  up: field(
    { ports: portForwards, random: z.boolean().optional() },
    async (self, args, { signal }) => {
      await serveOnHost(self, args.ports, args.random === true, signal);
      return null;
    },
  ),
};

/** Forwards loopback ports to the service until the request for it, or the session, ends. */
export async function serveOnHost(
  service: Service,
  forwards: Forward[],
  random: boolean,
  request: AbortSignal,
): Promise<void> {
  const { session } = service;
  const wanted = forwards.map((item) => ({
    ...item,
    frontend: random ? 0 : (item.frontend ?? item.backend),
  }));
  const tunnel = new Tunnel(service, wanted, !random);
  for (const { port } of await tunnel.ports())
    session.progress.log(`listening on http://127.0.0.1:${port}`);
  const end = AbortSignal.any([session.signal, request]);
  if (!end.aborted) {
    await new Promise<void>((resolve) =>
      end.addEventListener("abort", () => resolve(), { once: true }),
    );
  }
  await Promise.all([tunnel.stop(true), service.stop(true)]);
}
