import { z } from "zod";
import { duration } from "./duration.ts";
import { command, imageReference, port, variables } from "./values.ts";

const ready = z
  .strictObject({
    command: command
      .optional()
      .describe("Runs in the container until it exits 0. Default: its port accepts connections."),
    deadline: duration.optional().describe("Time to become ready. Default: 60s."),
  })
  .transform(({ command, deadline }) => ({ command, deadlineMs: deadline }))
  .describe("When the services that need it may start.");

/** Something that services need and that is not built here. */
export const dependency = z
  .strictObject({
    image: imageReference.describe("Image to run, such as postgres:17-alpine."),
    port: port.optional().describe("TCP port on which it answers."),
    env: variables.default({}).describe("Environment."),
    command: command.optional().describe("Replaces the image's default command."),
    ready: ready.default({ command: undefined, deadlineMs: undefined }),
  })
  .describe("Something that services need while they are verified, such as a database.");
