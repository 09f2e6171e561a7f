import { z } from "zod";
import { duration } from "../duration.ts";
import { label, variableName } from "../names.ts";
import { command, imageReference, variables } from "../values.ts";

const TIMEOUT_MS = 30 * 60_000;

/** Something that is applied before a deployment. */
export const step = z
  .strictObject({
    name: label.describe("What it is called, such as infra; its output is kept under it."),
    scopes: z
      .array(label)
      .default([])
      .describe("Run it only when the candidate changes one of these. Default: always."),
    image: imageReference.describe("Image to run in, such as hashicorp/terraform:1.13."),
    command: command.describe("What to run, in the repository's root at /src."),
    env: variables.default({}).describe("Environment."),
    settings: z
      .array(variableName)
      .default([])
      .describe("Settings that it gets as secret environment variables."),
    timeout: duration.default(TIMEOUT_MS).describe("Longest time that it may run. Default: 30m."),
  })
  .transform(({ timeout, ...rest }) => ({ ...rest, timeoutMs: timeout }))
  .describe("Something that is applied before a deployment, such as identities or infrastructure.");
