import { z } from "zod";
import { duration } from "./duration.ts";
import { line, port } from "./values.ts";

const statusCode = z
  .int({ error: "an HTTP status between 100 and 599" })
  .min(100, { error: "an HTTP status between 100 and 599" })
  .max(599, { error: "an HTTP status between 100 and 599" });

const status = z
  .union([statusCode, z.array(statusCode).min(1, { error: "at least one HTTP status" })])
  .describe("Accepted HTTP status, or a list of them. Default: 200.");

const pattern = z.string().refine(isPattern, { error: "a JavaScript regular expression" });

const body = z
  .union([
    z.string().min(1, { error: "text that is not empty" }),
    z.strictObject({
      matches: pattern.describe("Regular expression (JavaScript, Unicode) to match."),
    }),
  ])
  .describe("What the body has to contain: a text, or {matches: <regular expression>}.");

const single = z
  .strictObject({
    path: line
      .regex(/^\/[^\s#]*$/, { error: "a path that starts with a slash, such as /healthz" })
      .describe("Path and query to ask for, such as /healthz."),
    port: port.optional().describe("TCP port to ask. Default: the service's port."),
    status: status.default(200),
    body: body.optional(),
    interval: duration
      .optional()
      .describe("Longest pause between two attempts; the first ones are closer. Default: 250ms."),
    deadline: duration
      .optional()
      .describe("Time from the start of the container to the first good answer. Default: 60s."),
    stableFor: duration
      .optional()
      .describe("How long the answers have to stay good. Default: one good answer is enough."),
  })
  .transform((probe) => ({
    path: probe.path,
    port: probe.port,
    status: typeof probe.status === "number" ? [probe.status] : probe.status,
    body: typeof probe.body === "string" ? probe.body : undefined,
    bodyPattern: typeof probe.body === "object" ? probe.body.matches : undefined,
    intervalMs: probe.interval,
    deadlineMs: probe.deadline,
    stableForMs: probe.stableFor,
  }))
  .describe("An HTTP request that the service has to answer.");

/** One probe, or a list of them. */
export const probes = z
  .union([
    single.transform((probe) => [probe]),
    z.array(single).min(1, { error: "at least one probe" }),
  ])
  .describe("HTTP request that proves the service healthy, or a list of them.");

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "u");
    return true;
  } catch {
    return false;
  }
}
