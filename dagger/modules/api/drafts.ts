import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";

/** What an SDK has said so far about the module that it registers, in the author's own names. */

export interface SourcePosition {
  file: string;
  line: number;
  column: number;
}

interface Documented {
  name: string;
  description: string;
  deprecated?: string;
  source?: SourcePosition;
}

export interface TypeDraft extends Documented {
  kind:
    | "STRING"
    | "INTEGER"
    | "FLOAT"
    | "BOOLEAN"
    | "VOID"
    | "LIST"
    | "OBJECT"
    | "INTERFACE"
    | "ENUM"
    | "SCALAR"
    | "INPUT";
  optional: boolean;
  element?: TypeDraft;
  fields: FieldDraft[];
  functions: FunctionDraft[];
  constructorFn?: FunctionDraft;
  members: MemberDraft[];
}

export interface FieldDraft extends Documented {
  type: TypeDraft;
}

export interface MemberDraft extends Documented {
  value: string;
}

export interface ArgumentDraft extends Documented {
  type: TypeDraft;
  defaultValue?: string;
  defaultPath?: string;
  defaultAddress?: string;
  ignore: string[];
}

export interface FunctionDraft extends Documented {
  returns: TypeDraft;
  args: ArgumentDraft[];
  cache: "default" | "session" | "never";
  timeToLive?: string;
  isCheck: boolean;
  isGenerator: boolean;
  isUp: boolean;
}

export interface ModuleDraft {
  description: string;
  objects: TypeDraft[];
  interfaces: TypeDraft[];
  enums: TypeDraft[];
}

/** An API object that holds a draft; changes make a new one. */
export class Draft<TypeName extends string, Value extends object> implements Node {
  readonly key: string;

  constructor(
    readonly typeName: TypeName,
    readonly value: Value,
  ) {
    this.key = keyOf("draft", typeName, JSON.stringify(value));
  }

  with(change: Partial<Value>): Draft<TypeName, Value> {
    return new Draft(this.typeName, { ...this.value, ...change });
  }
}

export type TypeNode = Draft<"TypeDef", TypeDraft>;
export type FunctionNode = Draft<"Function", FunctionDraft>;
export type ModuleNode = Draft<"Module", ModuleDraft>;
export type SourceMapNode = Draft<"SourceMap", SourcePosition>;
