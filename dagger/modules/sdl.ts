import { mainObjectOf, mayBeLeftOut } from "./typedefs.ts";
import type {
  ArgumentDef,
  FunctionDef,
  InterfaceDef,
  ModuleDef,
  ObjectDef,
  TypeRef,
} from "./typedefs.ts";

const scalars = {
  STRING: "String",
  INTEGER: "Int",
  FLOAT: "Float",
  BOOLEAN: "Boolean",
  VOID: "Void",
} as const;

/** The module's types as an extension of the API's schema. */
export function moduleSdl(module: ModuleDef): string {
  const main = mainObjectOf(module);
  const constructorArgs = main.constructorFn?.args ?? [];
  const description = main.constructorFn?.description || main.description || module.description;
  return [
    `extend type Query {\n${text(description, "  ")}  ${module.field}${argumentsOf(constructorArgs)}: ${module.mainObject}!\n}`,
    ...module.enums.map(
      (item) =>
        `${text(item.description, "")}enum ${item.name} {\n${item.members
          .map((member) => `${text(member.description, "  ")}  ${member.name}${deprecated(member)}`)
          .join("\n")}\n}`,
    ),
    ...module.interfaces.map(
      (item) =>
        `${text(item.description, "")}interface ${item.name} implements Node {\n  id: ID!\n${item.functions.map(functionLine).join("\n")}\n}`,
    ),
    ...module.objects.map((object) => objectSdl(object, module)),
  ].join("\n\n");
}

function objectSdl(object: ObjectDef, module: ModuleDef): string {
  const implemented = module.interfaces.filter((item) => implementsInterface(object, item));
  const interfaces = ["Node", ...implemented.map((item) => item.name)].join(" & ");
  const fields = object.fields.map(
    (item) =>
      `${text(item.description, "  ")}  ${item.name}: ${typeText(item.type)}${deprecated(item)}`,
  );
  return `${text(object.description, "")}type ${object.name} implements ${interfaces} {\n  id: ID!\n${[...fields, ...object.functions.map(functionLine)].join("\n")}\n}`;
}

/** An object fits an interface when it has a function or field of each name. */
function implementsInterface(object: ObjectDef, item: InterfaceDef): boolean {
  const names = new Set([...object.functions, ...object.fields].map((member) => member.name));
  return item.functions.every((fn) => names.has(fn.name));
}

function functionLine(fn: FunctionDef): string {
  return `${text(fn.description, "  ")}  ${fn.name}${argumentsOf(fn.args)}: ${typeText(fn.returns)}${deprecated(fn)}`;
}

function argumentsOf(args: ArgumentDef[]): string {
  if (args.length === 0) return "";
  const parts = args.map((arg) => {
    // What the engine fills in when it is left out need not be given.
    const type = argumentType({ ...arg.type, optional: mayBeLeftOut(arg) });
    return `${text(arg.description, "").trim()} ${arg.name}: ${type}${expected(arg.type)}`.trim();
  });
  return `(${parts.join(", ")})`;
}

function typeText(type: TypeRef): string {
  const name =
    type.kind === "LIST"
      ? `[${typeText(type.element)}]`
      : "name" in type
        ? type.name
        : scalars[type.kind];
  return type.optional || type.kind === "VOID" ? name : `${name}!`;
}

/** Objects are passed by id. */
function argumentType(type: TypeRef): string {
  const isObject = type.kind === "OBJECT" || type.kind === "INTERFACE";
  const name =
    type.kind === "LIST"
      ? `[${argumentType(type.element)}]`
      : isObject
        ? "ID"
        : typeText({ ...type, optional: true });
  return type.optional ? name : `${name}!`;
}

function expected(type: TypeRef): string {
  if (type.kind === "LIST") return expected(type.element);
  const isObject = type.kind === "OBJECT" || type.kind === "INTERFACE";
  return isObject ? ` @expectedType(name: "${type.name}")` : "";
}

function text(description: string, indent: string): string {
  return description ? `${indent}${JSON.stringify(description)}\n` : "";
}

function deprecated(item: { deprecated?: string }): string {
  return item.deprecated === undefined
    ? ""
    : ` @deprecated(reason: ${JSON.stringify(item.deprecated)})`;
}
