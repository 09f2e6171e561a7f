import type {
  ArgumentDef,
  FunctionDef,
  ModuleDef,
  ObjectDef,
  TypeRef,
} from "../../dagger/modules/typedefs.ts";

const values: Readonly<Record<string, string>> = {
  ...{ STRING: "string", INTEGER: "number", FLOAT: "number", BOOLEAN: "boolean", VOID: "void" },
};

/**
 * The client that a module gets which depends on `module`, as Dagger v0.21.8 generates it for
 * TypeScript: arguments are required up to the first one that may be null, `opts` holds the others,
 * and one of these is required, too, unless it may be null: a default alone does not change that.
 */
export function dependentClient(module: ModuleDef, library: string): string {
  const main = module.objects.find(({ name }) => name === module.mainObject)!;
  const create = { ...main.constructorFn!, name: module.field, returns: objectType(main.name) };
  const core = new Set(namesIn(module).filter((name) => !module.objects.some(named(name))));
  return [
    `import { dag as core, type ${[...core].join(", type ")} } from ${JSON.stringify(library)};`,
    `export * from ${JSON.stringify(library)};`,
    optionsType("Client", create),
    `export declare const dag: typeof core & { ${method("Client", create)} };`,
    ...module.objects.flatMap((object) => [
      ...object.functions.map((fn) => optionsType(object.name, fn)),
      `export declare class ${object.name} {`,
      ...object.fields.map(({ name, type }) => `  ${name}(): ${result(type)};`),
      ...object.functions.map((fn) => `  ${method(object.name, fn)}`),
      "}",
    ]),
  ].join("\n");
}

/** What a dependent has to give, in order. */
export function requiredOf({ args }: FunctionDef): string[] {
  return args.filter((arg) => !isOptional(arg)).map(({ name }) => name);
}

/** A path of the module's context makes an argument optional; a default value doesn't. */
const isOptional = ({ type, defaultPath }: ArgumentDef): boolean =>
  type.optional || defaultPath !== undefined;

function split({ args }: FunctionDef): [first: ArgumentDef[], others: ArgumentDef[]] {
  const at = args.findIndex((arg) => isOptional(arg) || arg.defaultValue !== undefined);
  return at < 0 ? [args, []] : [args.slice(0, at), args.slice(at)];
}

function optionsType(owner: string, fn: FunctionDef): string {
  const fields = split(fn)[1].map(
    (arg) => `${arg.name}${isOptional(arg) ? "?" : ""}: ${input(arg.type)}`,
  );
  return fields.length === 0 ? "" : `type ${optionsName(owner, fn)} = { ${fields.join("; ")} };`;
}

function method(owner: string, fn: FunctionDef): string {
  const [first, others] = split(fn);
  const args = first.map(({ name, type }) => `${name}: ${input(type)}`);
  if (others.length > 0) args.push(`opts?: ${optionsName(owner, fn)}`);
  return `${fn.name}(${args.join(", ")}): ${result(fn.returns)};`;
}

const optionsName = (owner: string, { name }: FunctionDef): string =>
  `${owner}${name.charAt(0).toUpperCase()}${name.slice(1)}Opts`;

const objectType = (name: string): TypeRef => ({ kind: "OBJECT", name, optional: false });
const named = (name: string) => (object: ObjectDef) => object.name === name;

function input(type: TypeRef): string {
  if (type.kind === "LIST") return `${input(type.element)}[]`;
  return "name" in type ? type.name : values[type.kind]!;
}

/** An object is there at once; what has to be asked for is a promise. */
const result = (type: TypeRef): string =>
  type.kind === "OBJECT" ? type.name : `Promise<${input(type)}>`;

function namesIn({ objects }: ModuleDef): string[] {
  const types = objects.flatMap(({ fields, functions, constructorFn }) => [
    ...fields.map(({ type }) => type),
    ...[...functions, ...(constructorFn ? [constructorFn] : [])].flatMap(({ args, returns }) => [
      returns,
      ...args.map(({ type }) => type),
    ]),
  ]);
  const nameOf = (type: TypeRef): string[] =>
    type.kind === "LIST" ? nameOf(type.element) : "name" in type ? [type.name] : [];
  return types.flatMap(nameOf);
}
