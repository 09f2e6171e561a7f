import { readFile } from "node:fs/promises";
import { buildSchema, validateSchema } from "graphql";
import { describe, expect, test } from "vitest";
import { coreTypes } from "../../dagger/api/types.ts";
import { addModuleTypes } from "../../dagger/modules/api/types.ts";
import { generateSchema } from "../../dagger/schema/generate.ts";
import { loadSchema } from "../../dagger/schema/load.ts";

describe("Dagger's schema", () => {
  test("is what the installed SDK's typings say; `npm run schema` brings it up to date", async () => {
    const committed = new URL("../../dagger/schema/dagger.graphql", import.meta.url);
    expect(await readFile(committed, "utf8")).toBe(generateSchema());
  });

  test("is a valid GraphQL schema", () => {
    expect(validateSchema(buildSchema(generateSchema()))).toEqual([]);
  });

  test("has every field and argument that the engine serves", () => {
    const schema = loadSchema();
    const unknown: string[] = [];
    for (const [typeName, fields] of addModuleTypes(coreTypes())) {
      const type = schema.getType(typeName);
      const known = type && "getFields" in type ? type.getFields() : {};
      for (const [name, { args }] of Object.entries(fields)) {
        const field = known[name];
        if (!field) unknown.push(`${typeName}.${name}`);
        const names = field && "args" in field ? field.args.map((arg) => arg.name) : [];
        for (const arg of Object.keys(args.shape))
          if (field && !names.includes(arg)) unknown.push(`${typeName}.${name}(${arg})`);
      }
    }
    expect(unknown).toEqual([]);
  });
});
