import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Node } from "../core/node.ts";
import { field, plain, type TypeDefinition } from "./define.ts";

type Json = unknown;

/** A value encoded as JSON; immutable. */
export class JsonValue implements Node {
  readonly typeName = "JSONValue";
  readonly key: string;

  constructor(
    /** The text as it was given. */
    readonly text: string,
    readonly value: Json,
  ) {
    this.key = keyOf("json-value", text);
  }

  static of(value: Json): JsonValue {
    return new JsonValue(JSON.stringify(value), value);
  }

  /** Throws `INVALID_JSON`. */
  static parse(text: string): JsonValue {
    try {
      return new JsonValue(text, JSON.parse(text) as Json);
    } catch (cause) {
      throw new SluiceError("INVALID_JSON", `invalid JSON: ${(cause as Error).message}`, { cause });
    }
  }
}

const path = z.array(z.string());
const record = z.record(z.string(), z.unknown());

/** Reads the value as what it should be; else an error that says what it is. */
function decode<T>(self: JsonValue, schema: z.ZodType<T>, expected: string): T {
  const { data, success } = schema.safeParse(self.value);
  if (success) return data;
  const shown = self.text.length > 100 ? `${self.text.slice(0, 100)}…` : self.text;
  throw new SluiceError("WRONG_TYPE", `value is not ${expected}: ${shown}`);
}

/** `dag.json()` and `File.asJSON()`. */
export const jsonValueFields: TypeDefinition<JsonValue> = {
  asArray: plain((self) =>
    decode(self, z.array(z.unknown()), "an array").map((item) => JsonValue.of(item)),
  ),
  asBoolean: plain((self) => decode(self, z.boolean(), "a boolean")),
  asInteger: plain((self) => decode(self, z.int(), "an integer")),
  asString: plain((self) => decode(self, z.string(), "a string")),
  contents: field(
    { pretty: z.boolean().optional(), indent: z.string().default("  ") },
    (self, args) => (args.pretty ? JSON.stringify(self.value, null, args.indent) : self.text),
  ),
  field: field({ path }, (self, args) =>
    args.path.reduce((found, name) => {
      const fields = decode(found, record, "an object");
      if (Object.hasOwn(fields, name)) return JsonValue.of(fields[name]);
      throw new SluiceError("NO_SUCH_FIELD", `no such field: '${name}'`);
    }, self),
  ),
  fields: plain((self) => Object.keys(decode(self, record, "an object"))),
  newBoolean: field({ value: z.boolean() }, (_, { value }) => JsonValue.of(value)),
  newInteger: field({ value: z.int() }, (_, { value }) => JsonValue.of(value)),
  newString: field({ value: z.string() }, (_, { value }) => JsonValue.of(value)),
  withContents: field({ contents: z.string() }, (_, { contents }) => JsonValue.parse(contents)),
  withField: field({ path, value: z.instanceof(JsonValue) }, (self, args) =>
    JsonValue.of(withField(self.value, args.path, args.value.value)),
  ),
};

/** What is no object on the way gives way to one. */
function withField(target: Json, [name, ...rest]: string[], value: Json): Json {
  if (name === undefined) return target;
  const fields = record.safeParse(target).data ?? {};
  const set = rest.length > 0 ? withField(fields[name], rest, value) : value;
  return { ...fields, [name]: set };
}
