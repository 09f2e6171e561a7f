import { z } from "zod";
import { buildSchema } from "../build/model.ts";
import { candidateSchema } from "../candidate/model.ts";
import { recordSchema } from "../ledger/model.ts";
import { promotionSchema } from "../promote/model.ts";
import { planSchema } from "../promote/plan.ts";
import { jsonText } from "../report/output.ts";
import { statusSchema } from "../status/model.ts";
import { verificationSchema } from "../verify/model.ts";
import { evidenceManifest } from "./evidence.ts";
import { deploymentRecord, productionResult } from "./production.ts";

const schemas = {
  build: buildSchema,
  candidate: candidateSchema,
  verification: verificationSchema,
  plan: planSchema,
  promotion: promotionSchema,
  status: statusSchema,
  "ledger-record": recordSchema,
  "evidence-manifest": evidenceManifest,
  "deployment-record": deploymentRecord,
  "production-result": productionResult,
};

/** JSON Schema (draft 2020-12) of all that others may read, by file name. */
export function schemaFiles(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [
      `${name}.schema.json`,
      jsonText(z.toJSONSchema(schema)),
    ]),
  );
}
