import { expect, it } from "vitest";
import { pipelineJsonSchema } from "../../.dagger/src/pipeline/json-schema.ts";

interface Schema {
  description?: string;
  $ref?: string;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
  items?: Schema;
}

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
