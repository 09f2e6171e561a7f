import { keyOf } from "./key.ts";

/** An object of the API. Immutable; `key` is the content address of the recipe that made it. */
export interface Node {
  /** GraphQL type name. */
  readonly typeName: string;
  readonly key: string;
}

/** A plain API object whose fields are its data, such as `EnvVariable` or `Port`. */
export interface RecordNode extends Node {
  readonly fields: Readonly<Record<string, unknown>>;
}

export function record(typeName: string, fields: Record<string, unknown>): RecordNode {
  return { typeName, fields, key: keyOf(typeName, JSON.stringify(fields)) };
}

export function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "typeName" in value && "key" in value;
}

export function isRecord(value: unknown): value is RecordNode {
  return isNode(value) && "fields" in value;
}
