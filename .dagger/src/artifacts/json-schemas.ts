import { z } from "zod";
import { recordSchema } from "../ledger/model.ts";
import { evidenceManifest } from "./evidence.ts";
import { deploymentRecord, productionResult } from "./production.ts";

const schemas = {
  "ledger-record": recordSchema,
  "evidence-manifest": evidenceManifest,
  "deployment-record": deploymentRecord,
  "production-result": productionResult,
};

/** JSON Schema (draft 2020-12) of what others may read: the ledger's records, and the artifacts. */
export function jsonSchemas(): Record<keyof typeof schemas, Record<string, unknown>> {
  const made = Object.entries(schemas).map(([name, schema]) => [name, z.toJSONSchema(schema)]);
  return Object.fromEntries(made) as ReturnType<typeof jsonSchemas>;
}
