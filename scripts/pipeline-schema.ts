/** Writes the JSON Schema of `release.yaml`; a test holds the written file to the code. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { pipelineJsonSchema } from "../.dagger/src/pipeline/json-schema.ts";

const file = fileURLToPath(new URL("../pipelines/schema/release.schema.json", import.meta.url));
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, `${JSON.stringify(pipelineJsonSchema(), undefined, 2)}\n`);
