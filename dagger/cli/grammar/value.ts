import { UsageError } from "../usage-error.ts";
import { splitCsv } from "./csv.ts";
import { parseBoolean } from "./flags.ts";
import type { Argument, ValueType } from "./model.ts";

/** What a flag stands for, ready to go into a query. */
export type Value =
  /** GraphQL source text. */
  | { kind: "literal"; text: string }
  /** An object that the engine makes from what was typed. */
  | { kind: "object"; type: AddressableType; address: string; exclude: string[] }
  | { kind: "list"; items: Value[] };

/** Object types that can be given on the command line. */
export const addressableTypes = [
  "CacheVolume",
  "Container",
  "Directory",
  "File",
  "GitRef",
  "GitRepository",
  "Secret",
  "Service",
  "Socket",
] as const;
export type AddressableType = (typeof addressableTypes)[number];

/** False for types that have no notation on the command line, such as a module's own objects. */
export function canBeTyped(type: ValueType): boolean {
  switch (type.kind) {
    case "list":
      return type.of.kind !== "list" && canBeTyped(type.of);
    case "object":
      return addressable(type.name) !== undefined;
    case "input":
      return type.name === "PortForward" || type.name === "BuildArg";
    case "void":
      return false;
    default:
      return true;
  }
}

/** Reads the values given for one flag. For a single value the last one counts. Throws UsageError. */
export function readValue(arg: Argument, texts: readonly string[]): Value {
  const { type } = arg;
  try {
    if (type.kind !== "list") {
      const values = texts.map((text) => readOne(arg, type, text));
      return values.at(-1) as Value;
    }
    const items = texts.flatMap((text) => splitList(type.of, text));
    return { kind: "list", items: items.map((text) => readOne(arg, type.of, text)) };
  } catch (error) {
    if (!(error instanceof Mismatch)) throw error;
    const given = error.secret ? "" : ` ${JSON.stringify(error.given)}`;
    throw new UsageError(`invalid argument${given} for "--${arg.flag}" flag: ${error.message}`);
  }
}

class Mismatch extends Error {
  constructor(
    readonly given: string,
    expected: string,
    /** What was typed may be the secret itself. */
    readonly secret = false,
  ) {
    super(expected);
  }
}

/** Plain values are comma-separated with quotes; of other kinds quotes are no part. */
function splitList(of: ValueType, text: string): string[] {
  const isPlain = ["string", "int", "float", "boolean", "scalar"].includes(of.kind);
  try {
    if (isPlain) return splitCsv(text);
    return splitCsv(text.replace(/["'`]/g, "")).map((item) => item.trim());
  } catch {
    throw new Mismatch(text, "quotes don't match");
  }
}

const literal = (value: unknown): Value => ({ kind: "literal", text: JSON.stringify(value) });

function readOne(arg: Argument, type: ValueType, text: string): Value {
  switch (type.kind) {
    case "string":
      return literal(text);
    case "int":
      if (!/^[+-]?(\d+|0x[\da-f]+)$/i.test(text))
        throw new Mismatch(text, "expected a whole number");
      return literal(Number(text));
    case "float":
      if (text.trim() === "" || !Number.isFinite(Number(text)))
        throw new Mismatch(text, "expected a number");
      return literal(Number(text));
    case "boolean":
      return literal(parseBoolean(text, arg.flag));
    case "scalar":
      return literal(type.name === "Platform" ? platform(text) : text);
    case "enum": {
      const member = type.members.find(({ name }) => name.toLowerCase() === text.toLowerCase());
      if (member) return { kind: "literal", text: member.name };
      const names = type.members.map(({ name }) => name).sort();
      throw new Mismatch(text, `value should be one of ${names.join(",")}`);
    }
    case "input":
      return type.name === "PortForward" ? portForward(text) : buildArg(text);
    case "object":
      return object(arg, type.name, text);
    default:
      throw new Mismatch(text, "this type can't be given on the command line");
  }
}

function platform(text: string): string {
  if (text === "") throw new Mismatch(text, "platform cannot be empty");
  if (text !== "current") return text;
  return `linux/${process.arch === "x64" ? "amd64" : process.arch}`;
}

function portForward(text: string): Value {
  const [, frontend, backend] = /^(\d+):(\d+)$/.exec(text) ?? [];
  if (frontend === undefined || backend === undefined)
    throw new Mismatch(text, "expected frontend:backend, such as 8080:80");
  return { kind: "literal", text: `{frontend: ${Number(frontend)}, backend: ${Number(backend)}}` };
}

function buildArg(text: string): Value {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined) throw new Mismatch(text, "expected name=value");
  return {
    kind: "literal",
    text: `{name: ${JSON.stringify(name)}, value: ${JSON.stringify(value)}}`,
  };
}

function object(arg: Argument, name: string, text: string): Value {
  const type = addressable(name);
  if (!type) throw new Mismatch(text, `a ${name} can't be given on the command line`);
  if (text === "") throw new Mismatch(text, `a ${name} cannot be empty`);
  if (type === "Secret") checkSecret(text);
  return { kind: "object", type, address: text, exclude: arg.ignore };
}

/** Refuses a secret typed as plain text, without repeating it, and one that can't be there. */
function checkSecret(text: string): void {
  const [, scheme, rest = ""] = /^(\w+):(?:\/\/)?(.+)$/s.exec(text) ?? [];
  if (scheme === undefined || !["env", "file", "cmd"].includes(scheme)) {
    throw new Mismatch(
      text,
      "a secret is given as env:NAME, file:path or cmd:command, never as plain text",
      true,
    );
  }
  if (scheme === "env" && process.env[rest] === undefined)
    throw new Mismatch(text, `secret env var not found: ${JSON.stringify(rest)}`, true);
}

const addressable = (name: string): AddressableType | undefined =>
  addressableTypes.find((type) => type === name);
