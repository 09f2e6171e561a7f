import {
  isEnumType,
  isInputObjectType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  type GraphQLSchema,
} from "graphql";
import { unseenTypes } from "./sdk-exports.ts";

/**
 * Text of `client.gen.ts`, the file in which the SDK's introspector looks core types up by name. An
 * engine generates it; declarations are enough, and it is imported at run time, so it must be valid.
 */
export function coreTypeDeclarations(schema: GraphQLSchema): string {
  const lines = ["// Declares the API's types to the SDK's introspector. Generated."];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith("__") || unseenTypes.includes(type.name)) continue;
    if (isObjectType(type)) {
      const name = type.name === "Query" ? "Client" : className(type.name);
      lines.push(`export class ${name} {}`);
    } else if (isEnumType(type)) {
      const members = type.getValues().map(({ name }) => `${name} = "${name}"`);
      lines.push(`export enum ${type.name} { ${members.join(", ")} }`);
    } else if (isInputObjectType(type)) {
      lines.push(`export type ${type.name} = { __brand: never }`);
    } else if (isScalarType(type) && !isSpecifiedScalarType(type)) {
      lines.push(`export type ${type.name} = string & { __${type.name}: never }`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** The SDK's own spelling of names that it could not take. */
function className(name: string): string {
  return ["Module", "Function"].includes(name) ? `${name}_` : name;
}
