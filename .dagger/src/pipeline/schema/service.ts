import { z } from "zod";
import { duration } from "./duration.ts";
import { outputFile } from "./output-file.ts";
import { hostName, repository } from "./names.ts";
import { probes } from "./probe.ts";
import { command, innerPath, line, platform, port, variables } from "./values.ts";

const job = z
  .strictObject({
    command: command
      .optional()
      .describe("Replaces the image's default command; its entrypoint stays."),
    exitCode: z
      .int({ error: "an exit code between 0 and 255" })
      .min(0, { error: "an exit code between 0 and 255" })
      .max(255, { error: "an exit code between 0 and 255" })
      .default(0)
      .describe("Exit code that means success. Default: 0."),
    timeout: duration.optional().describe("Longest time that it may run. Default: 5m."),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }))
  .describe("Makes this a job that runs once and ends, instead of a service that answers.");

/** A service that is built here. */
export const service = z
  .strictObject({
    image: repository
      .optional()
      .describe("Repository below each registry's address. Default: the service's name."),
    context: innerPath
      .default(".")
      .describe("Build context, a directory of the repository. Default: its root."),
    dockerfile: innerPath
      .default("Dockerfile")
      .describe("Dockerfile, relative to the context. Default: Dockerfile."),
    target: line.optional().describe("Stage of the Dockerfile to build. Default: the last one."),
    buildArgs: variables
      .default({})
      .describe("Build arguments. They can be read from the image: never put secrets here."),
    platforms: z
      .array(platform)
      .min(1, { error: "at least one platform" })
      .default([])
      .describe("Platforms to build for. Default: the engine's own."),
    port: port.optional().describe("TCP port on which the service answers."),
    probe: probes.optional(),
    env: variables.default({}).describe("Environment while it is verified."),
    command: command
      .optional()
      .describe("Replaces the image's default command while it is verified."),
    needs: z
      .array(hostName)
      .default([])
      .describe("Services and dependencies to start first; each is reachable by its name."),
    job: job.optional(),
    files: z
      .array(outputFile)
      .min(1, { error: "at least one file" })
      .max(100, { error: "at most 100 files" })
      .optional()
      .describe(
        "Files of the image, by absolute path, that are released in its place: a firmware image, for one. The service itself never runs.",
      ),
  })
  .describe("A service whose image, or files of it, are built, published, verified and promoted.");
