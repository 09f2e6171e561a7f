import { z } from "zod";
import { duration } from "../duration.ts";
import { given } from "../given.ts";
import { label, variableName } from "../names.ts";
import { probes } from "../probe.ts";
import { line } from "../values.ts";
import { composeHost } from "./compose-host.ts";
import { containerApps } from "./container-apps.ts";
import { fly } from "./fly.ts";
import { step } from "./step.ts";

const path = line.regex(/^\/[^\s#]*$/, { error: "a path that starts with a slash" });

const version = z
  .strictObject({
    path: path.default("/api/version").describe("Default: /api/version."),
    commit: line.default("commit_sha").describe("Key of the commit. Default: commit_sha."),
  })
  .describe("Where it says which commit it runs, as a JSON object.");

const page = z
  .strictObject({
    path: path.describe("Path and query of the page."),
    text: line.optional().describe("Text that it has to show."),
    selector: line.optional().describe("CSS selector of an element that has to be visible."),
    deadline: duration.optional().describe("Time for the page to get there. Default: 30s."),
  })
  .transform(({ path, text, selector, deadline }) => ({
    ...{ path, text, selector },
    deadlineMs: deadline,
  }))
  .describe("A page that has to look right in a browser.");

/** A place that a channel's images are deployed to. */
export const target = z
  .strictObject({
    channel: label.describe("Channel whose images it runs."),
    registry: label
      .optional()
      .describe("Registry it pulls from. Default: the one that the channel is verified from."),
    environment: line
      .optional()
      .describe("What GitHub's Deployments call it. Default: the target's name."),
    url: given.optional().describe("Where its users find it; {slot} stands for the slot's number."),
    probe: probes.optional().describe("Requests that its URL has to answer after a deployment."),
    version: version.optional(),
    pages: z
      .array(page)
      .default([])
      .describe("Pages that a real browser opens after a deployment."),
    watch: duration
      .optional()
      .describe("How long health and logs are watched after a deployment. Default: not at all."),
    steps: z
      .array(step)
      .default([])
      .describe("What is applied before a deployment, in this order."),
    settings: z
      .array(variableName)
      .default([])
      .describe("Names of values that have to be given before anything starts."),
    fly: fly.optional(),
    compose: composeHost.optional(),
    containerApps: containerApps.optional(),
  })
  .describe("A place that a channel's images are deployed to: fly, compose or containerApps.");
