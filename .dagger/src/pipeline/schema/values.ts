import { posix } from "node:path";
import { z } from "zod";
import { variableName } from "./names.ts";

/** A TCP port. */
export const port = z
  .int({ error: "a port between 1 and 65535" })
  .min(1, { error: "a port between 1 and 65535" })
  .max(65535, { error: "a port between 1 and 65535" });

/** Text on one line, not empty. */
export const line = z
  .string()
  .regex(/^[^\u0000-\u001f\u007f]+$/u, { error: "text on one line, not empty" });

/** A path inside the repository, normalised; `.` for its root. */
export const innerPath = line.transform((text, context) => {
  const path = posix.normalize(text.replaceAll("\\", "/")).replace(/(.)\/$/, "$1");
  if (
    posix.isAbsolute(path) ||
    path === ".." ||
    path.startsWith("../") ||
    /^[A-Za-z]:/.test(path)
  ) {
    context.addIssue({ code: "custom", message: "a path inside the repository, relative to it" });
  }
  return path;
});

/** Variables by name. YAML numbers and booleans are taken as they are written. */
export const variables = z.record(
  variableName,
  z
    .union([z.string(), z.number(), z.boolean()])
    .transform((value) => String(value))
    .refine((text) => !text.includes("\0"), { error: "text without NUL characters" }),
);

/** A command and its arguments, run without a shell. */
export const command = z
  .array(
    z.string().refine((text) => !text.includes("\0"), { error: "text without NUL characters" }),
  )
  .min(1, { error: "a command as a list, such as [node, server.js]" });

/** Platforms such as `linux/amd64` or `linux/arm64/v8`. */
export const platform = z.string().regex(/^[a-z0-9]+\/[a-z0-9]+(?:\/v\d+)?$/, {
  error: "a platform such as linux/amd64 or linux/arm64",
});

/** Reference of an image that is pulled: `postgres:17`, `quay.io/a/b@sha256:…`. */
export const imageReference = z
  .string()
  .max(512, { error: "an image reference of at most 512 characters", abort: true })
  .regex(/^[A-Za-z0-9[][A-Za-z0-9._:/[\]-]*(?:@sha256:[0-9a-f]{64})?$/, {
    error: "an image reference such as postgres:17-alpine",
  });
