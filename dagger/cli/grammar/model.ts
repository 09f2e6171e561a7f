/** The type of an argument or of a result, as far as the command line tells types apart. */
export type ValueType =
  | { kind: "string" | "int" | "float" | "boolean" | "void" }
  | { kind: "scalar"; name: string }
  | { kind: "enum"; name: string; members: EnumMember[] }
  /** An object or an interface. */
  | { kind: "object"; name: string }
  /** A GraphQL input object, such as `PortForward`. */
  | { kind: "input"; name: string }
  | { kind: "list"; of: ValueType };

export interface EnumMember {
  /** What the API calls it, and what is typed. */
  name: string;
  description: string;
}

export interface Argument {
  /** As the API calls it. */
  name: string;
  /** As it is typed: `docker-config`. */
  flag: string;
  description: string;
  type: ValueType;
  /** True when it may be left out. */
  optional: boolean;
  /** The default as plain JSON, absent when there is none. */
  default?: unknown;
  /** Where the module takes the value from when nothing is given, relative to its own repository. */
  defaultPath?: string;
  /** Patterns that are left out of a directory given for it. */
  ignore: string[];
}

/** A function, or a field, which is one without arguments. */
export interface FunctionType {
  name: string;
  /** As it is typed: `smoke-verify`. */
  command: string;
  description: string;
  args: Argument[];
  returns: ValueType;
}

export interface ObjectType {
  name: string;
  description: string;
  functions: FunctionType[];
}

/** Everything that can be typed after `sluice call`. */
export interface Grammar {
  /** The module's constructor: a field of Query that answers its main object. */
  main: FunctionType;
  /** Names are the API's. */
  object(name: string): ObjectType | undefined;
}

/** The object whose functions may follow a value of this type; those of a list apply to each item. */
export function objectOf(grammar: Grammar, type: ValueType): ObjectType | undefined {
  if (type.kind === "list") return objectOf(grammar, type.of);
  return type.kind === "object" ? grammar.object(type.name) : undefined;
}

/** `[]string`, `Directory`: the notation that help and error messages use. */
export function typeName(type: ValueType): string {
  switch (type.kind) {
    case "list":
      return `[]${typeName(type.of)}`;
    case "boolean":
      return "bool";
    case "string":
    case "int":
    case "float":
    case "void":
      return type.kind;
    default:
      return type.name;
  }
}
