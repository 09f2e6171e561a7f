import type { GraphQLSchema } from "graphql";
import {
  findObject,
  mayBeLeftOut,
  type ArgumentDef,
  type FieldDef,
  type FunctionDef,
  type ModuleDef,
  type TypeRef,
} from "../../modules/typedefs.ts";
import { kebab } from "./kebab.ts";
import type { Argument, FunctionType, Grammar, ObjectType, ValueType } from "./model.ts";
import { enumFromSchema, objectFromSchema } from "./schema-grammar.ts";

/** The commands of a module: its own types, and those of the API behind them. */
export function moduleGrammar(module: ModuleDef, schema: GraphQLSchema): Grammar {
  const main: FunctionType = {
    name: module.field,
    command: kebab(module.field),
    description: mainDescription(module),
    args: constructorOf(module)?.args.map((arg) => argumentOf(arg, module, schema)) ?? [],
    returns: { kind: "object", name: module.mainObject },
  };
  const known = new Map<string, ObjectType | undefined>();
  const object = (name: string): ObjectType | undefined => {
    if (!known.has(name))
      known.set(name, ownType(name, module, schema) ?? objectFromSchema(schema, name));
    return known.get(name);
  };
  return { main, object };
}

const constructorOf = (module: ModuleDef): FunctionDef | undefined =>
  findObject(module, module.mainObject)?.constructorFn;

function mainDescription(module: ModuleDef): string {
  return module.description || (findObject(module, module.mainObject)?.description ?? "");
}

function ownType(name: string, module: ModuleDef, schema: GraphQLSchema): ObjectType | undefined {
  const object = findObject(module, name);
  const type = object ?? module.interfaces.find((item) => item.name === name);
  if (!type) return undefined;
  const fields = object?.fields.map((field) => fieldOf(field, module, schema)) ?? [];
  const functions = type.functions.map((fn) => functionOf(fn, module, schema));
  return { name, description: type.description, functions: [...fields, ...functions] };
}

function functionOf(fn: FunctionDef, module: ModuleDef, schema: GraphQLSchema): FunctionType {
  return {
    name: fn.name,
    command: kebab(fn.name),
    description: fn.description,
    args: fn.args.map((arg) => argumentOf(arg, module, schema)),
    returns: valueType(fn.returns, module, schema),
  };
}

function fieldOf(field: FieldDef, module: ModuleDef, schema: GraphQLSchema): FunctionType {
  return {
    name: field.name,
    command: kebab(field.name),
    description: field.description,
    args: [],
    returns: valueType(field.type, module, schema),
  };
}

function argumentOf(arg: ArgumentDef, module: ModuleDef, schema: GraphQLSchema): Argument {
  return {
    name: arg.name,
    flag: kebab(arg.name),
    description: arg.description,
    type: valueType(arg.type, module, schema),
    optional: mayBeLeftOut(arg),
    default: arg.defaultValue === undefined ? undefined : (JSON.parse(arg.defaultValue) as unknown),
    defaultPath: arg.defaultPath,
    ignore: arg.ignore,
  };
}

function valueType(type: TypeRef, module: ModuleDef, schema: GraphQLSchema): ValueType {
  switch (type.kind) {
    case "STRING":
      return { kind: "string" };
    case "INTEGER":
      return { kind: "int" };
    case "FLOAT":
      return { kind: "float" };
    case "BOOLEAN":
      return { kind: "boolean" };
    case "VOID":
      return { kind: "void" };
    case "LIST":
      return { kind: "list", of: valueType(type.element, module, schema) };
    case "SCALAR":
      return { kind: "scalar", name: type.name };
    case "ENUM": {
      const own = module.enums.find((item) => item.name === type.name);
      const members = own?.members ?? enumFromSchema(schema, type.name);
      return {
        kind: "enum",
        name: type.name,
        members: members.map(({ name, description }) => ({ name, description })),
      };
    }
    default:
      return { kind: "object", name: type.name };
  }
}
