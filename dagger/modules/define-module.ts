import type { GraphQLSchema } from "graphql";
import { SluiceError } from "../core/error.ts";
import type {
  ArgumentDraft,
  FunctionDraft,
  ModuleDraft,
  SourcePosition,
  TypeDraft,
} from "./api/drafts.ts";
import { enumMemberName, fieldName, objectName, typeName } from "./names.ts";
import type { ArgumentDef, FunctionDef, ModuleDef, ObjectDef, TypeRef } from "./typedefs.ts";

/** Names that GraphQL or the API itself need on every object. */
const reservedFields = new Set(["id"]);

/**
 * Turns what the SDK registered into the module's definition: names as the API spells them, the
 * module's own types prefixed, references checked. Throws `INVALID_MODULE`.
 */
export function defineModule(name: string, draft: ModuleDraft, core: GraphQLSchema): ModuleDef {
  const own = new Map(
    [...draft.objects, ...draft.interfaces, ...draft.enums].map((type) => [
      type.name,
      typeName(type.name, name),
    ]),
  );
  const mainObject = objectName(name);

  const nameOf = (type: TypeDraft, where: string): string => {
    const ownName = own.get(type.name);
    if (ownName !== undefined) return ownName;
    for (const candidate of [type.name, type.name.replace(/_$/, ""), objectName(type.name)]) {
      if (core.getType(candidate)) return candidate;
    }
    throw new SluiceError("INVALID_MODULE", `${where}: unknown type ${JSON.stringify(type.name)}`, {
      hint: "Declare it in the module, or use one of the API's types.",
    });
  };
  const reference = (type: TypeDraft, where: string): TypeRef => {
    const { optional, kind } = type;
    switch (kind) {
      case "LIST":
        if (!type.element) throw new SluiceError("INVALID_MODULE", `${where}: a list of nothing`);
        return { kind, element: reference(type.element, where), optional };
      case "OBJECT":
      case "INTERFACE":
      case "ENUM":
      case "SCALAR":
        return { kind, name: nameOf(type, where), optional };
      case "INPUT":
        throw new SluiceError("INVALID_MODULE", `${where}: input types are not supported`);
      default:
        return { kind, optional };
    }
  };
  const argumentOf = (arg: ArgumentDraft, where: string): ArgumentDef => ({
    ...documented(arg, fieldName(arg.name)),
    type: reference(arg.type, `${where}(${arg.name})`),
    defaultValue: arg.defaultValue,
    defaultPath: arg.defaultPath || undefined,
    defaultAddress: arg.defaultAddress || undefined,
    ignore: arg.ignore,
  });
  const functionOf = (fn: FunctionDraft, owner: string): FunctionDef => {
    const where = `${owner}.${fn.name || "constructor"}`;
    const apiName = fieldName(fn.name);
    if (reservedFields.has(apiName)) {
      throw new SluiceError("INVALID_MODULE", `${where}: the name "${apiName}" is reserved`);
    }
    return {
      ...documented(fn, apiName),
      args: fn.args.map((arg) => argumentOf(arg, where)),
      returns: reference(fn.returns, where),
      cache: fn.cache,
      timeToLive: fn.timeToLive,
      isCheck: fn.isCheck,
      isGenerator: fn.isGenerator,
      isUp: fn.isUp,
    };
  };
  const objectOf = (type: TypeDraft): ObjectDef => ({
    ...documented(type, own.get(type.name) ?? type.name),
    fields: type.fields.map((item) => ({
      ...documented(item, fieldName(item.name)),
      type: reference(item.type, `${type.name}.${item.name}`),
    })),
    functions: type.functions.map((fn) => functionOf(fn, type.name)),
    constructorFn: type.constructorFn && functionOf(type.constructorFn, type.name),
  });

  const module: ModuleDef = {
    name,
    description: draft.description,
    field: fieldName(name),
    mainObject,
    objects: draft.objects.map(objectOf),
    interfaces: draft.interfaces.map((type) => ({
      ...documented(type, own.get(type.name) ?? type.name),
      functions: type.functions.map((fn) => functionOf(fn, type.name)),
    })),
    enums: draft.enums.map((type) => ({
      ...documented(type, own.get(type.name) ?? type.name),
      members: type.members.map((member) => ({
        ...documented(member, enumMemberName(member.name)),
        value: member.value,
      })),
    })),
  };
  check(module, core);
  return module;
}

function check(module: ModuleDef, core: GraphQLSchema): void {
  const invalid = (message: string, hint: string) =>
    new SluiceError("INVALID_MODULE", `module ${module.name}: ${message}`, { hint });
  if (!module.objects.some((object) => object.name === module.mainObject)) {
    throw invalid(
      `no class ${module.mainObject} decorated with @object()`,
      `Export a class ${module.mainObject}, named like the module, from src/.`,
    );
  }
  for (const { name } of [...module.objects, ...module.interfaces, ...module.enums]) {
    if (core.getType(name)) {
      throw invalid(`the type name ${name} is taken by the API`, "Choose another name.");
    }
  }
  if (core.getQueryType()?.getFields()[module.field]) {
    throw invalid(`the name is taken by the API's ${module.field}`, "Rename it in dagger.json.");
  }
}

function documented(
  item: { name: string; description: string; deprecated?: string; source?: SourcePosition },
  name: string,
) {
  const { description, deprecated, source } = item;
  return {
    name,
    originalName: item.name,
    description: description.trim(),
    ...(deprecated === undefined ? {} : { deprecated }),
    ...(source ? { source: { ...source, file: fromSource(source.file) } } : {}),
  };
}

/** The SDK cuts paths at the first folder called `src`, which may be one above the module's. */
function fromSource(file: string): string {
  const at = file.lastIndexOf("/src/");
  return at < 0 ? file : file.slice(at + 1);
}
