import { Ajv, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { resolved, type Json } from "./openapi.ts";

const KEPT = ["type", "enum", "required", "minLength", "maxLength", "minimum", "maximum"];
const FORMATS = ["date-time", "uri"];
const compiled = new Map<object, ValidateFunction>();
const ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
const coercing = new Ajv({ strict: false, allErrors: true, coerceTypes: true });
for (const one of [ajv, coercing]) (addFormats as unknown as (to: Ajv) => void)(one);

/** How a value is held to a schema. */
export interface Holding {
  /** Whether fields that the schema doesn't know are faults. */
  closed?: boolean;
  /** Whether texts may stand for numbers and booleans, as in a query. */
  coerced?: boolean;
}

/** What is wrong with a value, by a schema of GitHub's description; nothing when it is right. */
export function faultsOf(
  schema: Json,
  value: unknown,
  { closed = false, coerced = false }: Holding = {},
): string[] {
  let validate = compiled.get(schema);
  if (!validate) {
    const definitions: Record<string, Json> = {};
    const root = converted(schema, closed, definitions);
    validate = (coerced ? coercing : ajv).compile({ ...root, definitions });
    compiled.set(schema, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    const extra = (params as { additionalProperty?: string }).additionalProperty;
    return `${instancePath || "it"} ${message ?? ""}${extra === undefined ? "" : `: ${extra}`}`;
  });
}

/** OpenAPI 3.0's schemas are almost JSON Schema: `nullable` isn't, nor are examples. */
function converted(schema: Json, closed: boolean, definitions: Record<string, Json>): Json {
  const again = (one: unknown) => converted(one as Json, closed, definitions);
  if (typeof schema.$ref === "string") {
    const name = schema.$ref.split("/").at(-1) ?? "";
    if (!(name in definitions)) {
      definitions[name] = {};
      definitions[name] = again(resolved<Json>(schema));
    }
    return { $ref: `#/definitions/${name}` };
  }
  const result: Record<string, unknown> = {};
  for (const key of KEPT) if (key in schema) result[key] = schema[key];
  // Where the default is nothing, nothing is right, though it is no URL.
  if (FORMATS.includes(schema.format as string) && schema.default !== "") {
    result.format = schema.format;
  }
  if (schema.properties) {
    result.properties = Object.fromEntries(
      Object.entries(schema.properties as Json).map(([name, one]) => [name, again(one)]),
    );
    if (closed) result.additionalProperties = false;
  }
  const more = schema.additionalProperties;
  if (more !== undefined) {
    result.additionalProperties = typeof more === "object" && more ? again(more) : more;
  }
  if (schema.items) result.items = again(schema.items);
  for (const key of ["oneOf", "anyOf", "allOf"]) {
    if (Array.isArray(schema[key])) result[key] = schema[key].map(again);
  }
  return schema.nullable === true ? { anyOf: [result, { type: "null" }] } : result;
}
