import {
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  valueFromASTUntyped,
  type FieldDefinitionNode,
  type GraphQLSchema,
  type InputValueDefinitionNode,
} from "graphql";
import { kebab } from "./kebab.ts";
import type { Argument, EnumMember, FunctionType, ObjectType, ValueType } from "./model.ts";

/** Reads the grammar of an API type from the schema; undefined when there is no such object. */
export function objectFromSchema(schema: GraphQLSchema, name: string): ObjectType | undefined {
  const type = schema.getType(name);
  if (!isObjectType(type) && !isInterfaceType(type)) return undefined;
  const fields = Object.values(type.getFields()).flatMap((field) => field.astNode ?? []);
  return {
    name,
    description: type.description ?? "",
    functions: fields
      // Ids are how programs pass objects around; they mean nothing to a person.
      .filter((field) => field.name.value !== "id")
      .map((field) => functionFromField(field, schema)),
  };
}

/** The members of an API enum; none when there is no such enum. */
export function enumFromSchema(schema: GraphQLSchema, name: string): EnumMember[] {
  const type = schema.getType(name);
  if (!isEnumType(type)) return [];
  return type
    .getValues()
    .map((member) => ({ name: member.name, description: member.description ?? "" }));
}

function functionFromField(field: FieldDefinitionNode, schema: GraphQLSchema): FunctionType {
  return {
    name: field.name.value,
    command: kebab(field.name.value),
    description: field.description?.value ?? "",
    args: field.arguments?.map((arg) => argument(arg, schema)) ?? [],
    returns: valueType(print(field.type), undefined, schema),
  };
}

function argument(arg: InputValueDefinitionNode, schema: GraphQLSchema): Argument {
  return {
    name: arg.name.value,
    flag: kebab(arg.name.value),
    description: arg.description?.value ?? "",
    type: valueType(print(arg.type), expectedType(arg), schema),
    optional: arg.type.kind !== Kind.NON_NULL_TYPE || arg.defaultValue !== undefined,
    default: arg.defaultValue && valueFromASTUntyped(arg.defaultValue),
    ignore: [],
  };
}

function expectedType(arg: InputValueDefinitionNode): string | undefined {
  const directive = arg.directives?.find((item) => item.name.value === "expectedType");
  const value = directive?.arguments?.[0]?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** `notation` is GraphQL's (`[String!]!`). Objects go in as ids: `expected` says whose. */
function valueType(
  notation: string,
  expected: string | undefined,
  schema: GraphQLSchema,
): ValueType {
  const name = notation.replace(/!$/, "");
  if (name.startsWith("["))
    return { kind: "list", of: valueType(name.slice(1, -1), expected, schema) };
  switch (name) {
    case "String":
      return { kind: "string" };
    case "Int":
      return { kind: "int" };
    case "Float":
      return { kind: "float" };
    case "Boolean":
      return { kind: "boolean" };
    case "Void":
      return { kind: "void" };
    case "ID":
      return expected ? { kind: "object", name: expected } : { kind: "scalar", name };
  }
  const type = schema.getType(name);
  if (isEnumType(type)) return { kind: "enum", name, members: enumFromSchema(schema, name) };
  if (isInputObjectType(type)) return { kind: "input", name };
  return { kind: isObjectType(type) || isInterfaceType(type) ? "object" : "scalar", name };
}
