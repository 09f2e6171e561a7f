import { z } from "zod";
import { address } from "./names.ts";
import { imageReference, line, port } from "./values.ts";

const service = z
  .strictObject({
    image: imageReference
      .default("registry:2")
      .describe("Registry image to run. Default: registry:2."),
    port: port
      .optional()
      .describe("Port on which the registry listens. Default: the port of the address."),
  })
  .describe("Runs this registry as a Dagger service; its images stay on a cache volume.");

/** A place that images are published to. */
export const registry = z
  .strictObject({
    address: address.describe(
      "Host and namespace, such as ghcr.io/acme, docker.io/acme or localhost:5000/acme.",
    ),
    username: line
      .optional()
      .describe("User to sign in as. The password or token is given on the command line."),
    service: service.optional(),
  })
  .describe("A place that images are published to and promoted in.");
