import { z } from "zod";
import { field, type TypeDefinition } from "../define.ts";
import { ContainerService } from "../services/container-service.ts";
import { portForwards, serveOnHost } from "../services/fields.ts";
import type { Container } from "./container.ts";

const flag = z.boolean().optional();
const commandArgs = {
  args: z.array(z.string()).optional(),
  useEntrypoint: flag,
  expand: flag,
  noInit: flag,
  insecureRootCapabilities: flag,
};

export const containerServiceFields: TypeDefinition<Container> = {
  asService: field(commandArgs, (self, args) => new ContainerService(self, args)),
  up: field(
    { ...commandArgs, ports: portForwards, random: flag },
    async (self, { ports, random, ...args }, { signal }) => {
      await serveOnHost(new ContainerService(self, args), ports, random === true, signal);
      return null;
    },
  ),
};
