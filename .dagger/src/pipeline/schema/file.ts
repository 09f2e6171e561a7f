import { z } from "zod";
import { announcements } from "./announcements.ts";
import { channel } from "./channel.ts";
import { compose } from "./compose.ts";
import { dependency } from "./dependency.ts";
import { git } from "./git.ts";
import { ledger } from "./ledger.ts";
import { hostName, label } from "./names.ts";
import { registry } from "./registry.ts";
import { scope } from "./scopes.ts";
import { service } from "./service.ts";
import { target } from "./targets/target.ts";
import { line } from "./values.ts";

/** `release.yaml` as it is written. Messages complete the phrase "expected …". */
export const pipelineFile = z
  .strictObject({
    version: z.literal(1, { error: "1" }).describe("Version of this format."),
    name: line.describe("Name of the release system."),
    services: z
      .record(hostName, service)
      .refine((all) => Object.keys(all).length > 0, { error: "at least one service" })
      .describe("What is built, published, verified and promoted, by name."),
    dependencies: z
      .record(hostName, dependency)
      .default({})
      .describe("What the services need while they are verified, by name."),
    registries: z
      .record(label, registry)
      .refine((all) => Object.keys(all).length > 0, { error: "at least one registry" })
      .describe("Where images are published to, by name."),
    channels: z
      .record(label, channel)
      .default({})
      .describe("Long-lived tags that candidates are promoted to, by name."),
    git: git.optional(),
    ledger: ledger.optional(),
    scopes: z
      .record(label, scope)
      .default({})
      .describe("Parts of the system and the paths that change them, by name."),
    compose: compose.optional(),
    targets: z
      .record(label, target)
      .default({})
      .describe("Places that channels are deployed to, by name."),
    announcements: announcements.optional(),
  })
  .describe("A Sluice release pipeline.");

/** The file's content after its schema has read it: defaults filled in, durations in milliseconds. */
export type PipelineFile = z.output<typeof pipelineFile>;
