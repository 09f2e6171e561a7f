import { z } from "zod";
import { pipelineFile } from "./schema/file.ts";

/** JSON Schema (draft 2020-12) of `release.yaml`, for editors. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(pipelineFile, { io: "input" });
  return { $schema, title: "Sluice release pipeline", ...schema };
}
