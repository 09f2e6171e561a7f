import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { pipelineJsonSchema } from "../../.dagger/src/pipeline/json-schema.ts";

const file = new URL("../../pipelines/schema/release.schema.json", import.meta.url);

interface Schema {
  description?: string;
  $ref?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  items?: Schema;
}

it("is written for editors as the code has it (npx tsx scripts/pipeline-schema.ts)", async () => {
  const written: unknown = JSON.parse(await readFile(file, "utf8"));
  expect(written).toEqual(JSON.parse(JSON.stringify(pipelineJsonSchema())));
});

it("explains every key", () => {
  const undescribed = (schema: Schema, path: string): string[] => [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, value]) => [
      ...(value.description === undefined && value.$ref === undefined ? [`${path}.${key}`] : []),
      ...undescribed(value, `${path}.${key}`),
    ]),
    ...(typeof schema.additionalProperties === "object"
      ? undescribed(schema.additionalProperties, `${path}.*`)
      : []),
    ...(schema.anyOf ?? []).flatMap((branch) => undescribed(branch, path)),
    ...(schema.items ? undescribed(schema.items, `${path}[]`) : []),
  ];
  expect(undescribed(pipelineJsonSchema() as Schema, "")).toEqual([]);
});
