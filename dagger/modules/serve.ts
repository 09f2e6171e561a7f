import { extendSchema, parse } from "graphql";
import { z } from "zod";
import type { Api, Call, FieldDefinition, TypeDefinition } from "../api/define.ts";
import { Directory } from "../api/files/directory.ts";
import { SluiceError } from "../core/error.ts";
import { contextualArgument } from "./context.ts";
import { ModuleObject } from "./module-object.ts";
import type { ModuleRuntime } from "./runtime.ts";
import { moduleSdl } from "./sdl.ts";
import {
  mainObjectOf,
  type ArgumentDef,
  type FunctionDef,
  type ModuleDef,
  type ObjectDef,
} from "./typedefs.ts";
import { Values } from "./values.ts";

/** Makes the module's functions fields of the served API. */
export function serveModule(api: Api, module: ModuleDef, runtime: ModuleRuntime): void {
  api.schema = extendSchema(api.schema, parse(moduleSdl(module), { noLocation: true }), {
    assumeValid: true,
  });
  const values = new Values(module, runtime);
  for (const object of module.objects) {
    api.types.set(object.name, objectFields(object, values, runtime));
  }
  const main = mainObjectOf(module);
  api.types.set("Query", {
    ...api.types.get("Query"),
    [module.field]: main.constructorFn
      ? functionField(main, main.constructorFn, values, runtime)
      : {
          args: z.strictObject({}),
          run: () => new ModuleObject(runtime, main, {}),
        },
  });
}

function objectFields(
  object: ObjectDef,
  values: Values,
  runtime: ModuleRuntime,
): TypeDefinition<ModuleObject> {
  const fields: TypeDefinition<ModuleObject> = {};
  for (const { name, originalName, type } of object.fields) {
    fields[name] = {
      args: z.strictObject({}),
      run: (self) => values.fromSdk(self.state[originalName], type, `${object.name}.${name}`),
    };
  }
  for (const fn of object.functions) {
    fields[fn.name] = functionField(object, fn, values, runtime);
  }
  return fields;
}

function functionField(
  object: ObjectDef,
  fn: FunctionDef,
  values: Values,
  runtime: ModuleRuntime,
): FieldDefinition<unknown> {
  const label = fn.name === "" ? object.name : `${object.name}.${fn.name}`;
  return {
    args: z.object(Object.fromEntries(fn.args.map((arg) => [arg.name, z.unknown().optional()]))),
    run: async (self, given, call) => {
      const inputs: Record<string, unknown> = {};
      for (const arg of fn.args) {
        const value = await inputOf(
          arg,
          given[arg.name],
          `${label}(${arg.name}:)`,
          values,
          runtime,
        );
        if (value !== undefined) inputs[arg.originalName] = value;
      }
      const result = await runtime.run(
        {
          parentName: object.originalName,
          name: fn.originalName,
          parent: self instanceof ModuleObject ? self.state : {},
          inputs,
          cache: fn.cache,
          timeToLive: fn.timeToLive,
          label,
        },
        call satisfies Call,
      );
      return values.fromSdk(result, fn.returns, label);
    },
  };
}

/** The argument as the SDK gets it: given, from the module's context, or by default; else absent. */
async function inputOf(
  arg: ArgumentDef,
  given: unknown,
  where: string,
  values: Values,
  runtime: ModuleRuntime,
): Promise<unknown> {
  if (given !== undefined && given !== null) {
    const filtered =
      arg.ignore.length > 0 && given instanceof Directory
        ? given.derive(["ignore", ...arg.ignore], (tree) => tree.filter({ exclude: arg.ignore }))
        : given;
    return values.toSdk(filtered, arg.type, where);
  }
  if (arg.defaultPath !== undefined) {
    const node = await contextualArgument(runtime.session, runtime.config, arg);
    return values.toSdk(node, arg.type, where);
  }
  if (arg.defaultValue !== undefined) return JSON.parse(arg.defaultValue) as unknown;
  if (arg.defaultAddress !== undefined) {
    throw new SluiceError(
      "UNSUPPORTED_ARGUMENT",
      `${where}: defaultAddress is not supported by the embedded engine`,
      { hint: "Pass the argument, or run it with `--engine dagger`." },
    );
  }
  return undefined;
}
