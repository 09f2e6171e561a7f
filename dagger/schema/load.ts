import { readFileSync } from "node:fs";
import { buildSchema, type GraphQLSchema } from "graphql";

/** Dagger's API as the pinned SDK knows it, including what this engine does not implement. */
export function loadSchema(): GraphQLSchema {
  const text = readFileSync(new URL("dagger.graphql", import.meta.url), "utf8");
  return buildSchema(text, { assumeValidSDL: true });
}
