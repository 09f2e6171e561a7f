import { z } from "zod";
import { duration } from "../duration.ts";
import { given } from "../given.ts";
import { hostName } from "../names.ts";
import { imageReference, innerPath, line } from "../values.ts";

const FLYCTL = "flyio/flyctl:v0.3.200";
const MINUTE_MS = 60_000;

const region = z.string().regex(/^[a-z]{3}$/, { error: "a region of Fly.io, such as fra" });

const endpoint = z.url({ protocol: /^https?$/, error: "a URL such as https://api.fly.io" });

/** One app on Fly.io. */
export const fly = z
  .strictObject({
    app: given.optional().describe("Name of the app. Default: that of its fly.toml."),
    service: hostName
      .optional()
      .describe("Service whose image it runs. Default: the only one that serves."),
    config: innerPath
      .optional()
      .describe("Path of the app's fly.toml. Default: the app is configured on Fly.io only."),
    strategy: z
      .enum(["rolling", "immediate", "canary", "bluegreen"])
      .optional()
      .describe("How machines are replaced. Default: as fly.toml says, else rolling."),
    primaryRegion: region.optional().describe("Region of new machines. Default: as fly.toml says."),
    regions: z.array(region).default([]).describe("Deploy to these only. Default: all."),
    waitTimeout: duration
      .default(5 * MINUTE_MS)
      .describe("How long machines may take to become healthy. Default: 5m."),
    releaseCommandTimeout: duration
      .default(5 * MINUTE_MS)
      .describe("How long the release command may take. Default: 5m."),
    mirror: z
      .boolean()
      .optional()
      .describe(
        "Copy the image to Fly's registry first, by digest. Default: when its own registry needs credentials.",
      ),
    flyctl: imageReference.default(FLYCTL).describe(`Image with flyctl. Default: ${FLYCTL}.`),
    endpoints: z
      .strictObject({
        api: endpoint.default("https://api.fly.io").describe("Default: https://api.fly.io."),
        machines: endpoint
          .default("https://api.machines.dev")
          .describe("Default: https://api.machines.dev."),
        registry: line.default("registry.fly.io").describe("Default: registry.fly.io."),
      })
      .prefault({})
      .describe("Where Fly's APIs and registry are reached, for those behind a proxy."),
  })
  .transform(({ waitTimeout, releaseCommandTimeout, ...rest }) => ({
    ...rest,
    waitTimeoutMs: waitTimeout,
    releaseCommandTimeoutMs: releaseCommandTimeout,
  }))
  .describe("An app on Fly.io. Its token is the setting FLY_API_TOKEN.");
