import { z } from "zod";

/**
 * What a module declares, as plain data: made by registration, kept on disk, read by the schema, by
 * the launcher's help and by function calls. Names are those of the API (`SluiceCandidate`,
 * `smokeVerify`); `originalName` is the author's.
 */

const valueKinds = ["STRING", "INTEGER", "FLOAT", "BOOLEAN", "VOID"] as const;
const namedKinds = ["OBJECT", "INTERFACE", "ENUM", "SCALAR"] as const;

/** A type as it is used by an argument, a field or a result. `optional` means it may be null. */
export type TypeRef =
  | { kind: (typeof valueKinds)[number]; optional: boolean }
  | { kind: (typeof namedKinds)[number]; name: string; optional: boolean }
  | { kind: "LIST"; element: TypeRef; optional: boolean };

export const typeRef: z.ZodType<TypeRef> = z.lazy(() =>
  z.union([
    z.object({ kind: z.enum(valueKinds), optional: z.boolean() }),
    z.object({ kind: z.enum(namedKinds), name: z.string(), optional: z.boolean() }),
    z.object({ kind: z.literal("LIST"), element: typeRef, optional: z.boolean() }),
  ]),
);

const documented = {
  name: z.string(),
  originalName: z.string(),
  description: z.string(),
  /** The reason, possibly empty; absent when it is not deprecated. */
  deprecated: z.string().optional(),
  /** Where it is declared, relative to the module's source directory. */
  source: z.object({ file: z.string(), line: z.number(), column: z.number() }).optional(),
};

export const argumentDef = z.object({
  ...documented,
  type: typeRef,
  /** JSON text of the value used when the argument is left out. */
  defaultValue: z.string().optional(),
  /** Directory or file of the module's context that is used when the argument is left out. */
  defaultPath: z.string().optional(),
  /** Container address that is used when the argument is left out. */
  defaultAddress: z.string().optional(),
  /** Patterns left out of a directory, given or by default. */
  ignore: z.array(z.string()),
});
export type ArgumentDef = z.infer<typeof argumentDef>;

export const functionDef = z.object({
  ...documented,
  args: z.array(argumentDef),
  returns: typeRef,
  /** `default` results are kept for the session, too: nothing is trusted to outlive it. */
  cache: z.enum(["default", "session", "never"]),
  /** How long a kept result is good, such as `10m`; absent means the whole session. */
  timeToLive: z.string().optional(),
  isCheck: z.boolean(),
  isGenerator: z.boolean(),
  isUp: z.boolean(),
});
export type FunctionDef = z.infer<typeof functionDef>;

export const fieldDef = z.object({ ...documented, type: typeRef });
export type FieldDef = z.infer<typeof fieldDef>;

export const objectDef = z.object({
  ...documented,
  fields: z.array(fieldDef),
  functions: z.array(functionDef),
  /** Present on the main object when its class has a constructor; takes the module's own arguments. */
  constructorFn: functionDef.optional(),
});
export type ObjectDef = z.infer<typeof objectDef>;

export const interfaceDef = z.object({ ...documented, functions: z.array(functionDef) });
export type InterfaceDef = z.infer<typeof interfaceDef>;

export const enumDef = z.object({
  ...documented,
  members: z.array(
    z.object({
      name: z.string(),
      originalName: z.string(),
      value: z.string(),
      description: z.string(),
      deprecated: z.string().optional(),
    }),
  ),
});

export const moduleDef = z.object({
  /** Name in `dagger.json`. */
  name: z.string(),
  description: z.string(),
  /** Field of `Query` that constructs the module: `camelCase(name)`. */
  field: z.string(),
  /** API name of the main object: `PascalCase(name)`. */
  mainObject: z.string(),
  objects: z.array(objectDef),
  interfaces: z.array(interfaceDef),
  enums: z.array(enumDef),
});
export type ModuleDef = z.infer<typeof moduleDef>;

/** The main object, whose functions are the module's commands. */
export function mainObjectOf(module: ModuleDef): ObjectDef {
  const main = module.objects.find((object) => object.name === module.mainObject);
  if (!main) throw new Error(`module ${module.name} has no object ${module.mainObject}`);
  return main;
}

/** The module's own object of that API name, or undefined for a core type. */
export function findObject(module: ModuleDef, name: string): ObjectDef | undefined {
  return module.objects.find((object) => object.name === name);
}

/** True when the argument may be left out. */
export function mayBeLeftOut(arg: ArgumentDef): boolean {
  return (
    arg.type.optional ||
    arg.defaultValue !== undefined ||
    arg.defaultPath !== undefined ||
    arg.defaultAddress !== undefined
  );
}
