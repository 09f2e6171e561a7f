import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** JSON as a description has it. */
export type Json = Readonly<Record<string, unknown>>;

/** A parameter of an operation. */
export interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required?: boolean;
  readonly schema: Json;
  /** Whether it may have slashes in it. */
  readonly "x-multi-segment"?: boolean;
}

/** What can be done with a path. */
export interface Operation {
  /** `issues/create` */
  readonly operationId: string;
  readonly parameters?: readonly (Parameter | Json)[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Json };
  readonly responses: Readonly<Record<string, Json>>;
}

/** An operation and what its path says. */
export interface Matched {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Route {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly methods: Readonly<Record<string, Operation>>;
}

const FILE = "@octokit/openapi/generated/api.github.com.json";
let read: { description: Description; routes: readonly Route[] } | undefined;

/** The operation of GitHub's own description that a request asks for; undefined when there is none. */
export function operationFor(method: string, path: string): Matched | undefined {
  for (const { pattern, names, methods } of github().routes) {
    const found = pattern.exec(path);
    const operation = methods[method.toLowerCase()];
    if (found && operation) {
      const values = found.slice(1).map((value) => decodeURIComponent(value));
      return {
        operation,
        params: Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""])),
      };
    }
  }
  return undefined;
}

/** What a reference of the description names; anything else is itself. */
export function resolved<T>(value: T | Json): T {
  const reference = (value as Json).$ref;
  if (typeof reference !== "string") return value as T;
  const [, , kind = "", name = ""] = reference.split("/");
  return resolved<T>(github().description.components[kind]?.[name] as T);
}

/** The example that GitHub gives for something, or its first one, to be changed by its caller. */
export function exampleOf(name: string): Record<string, unknown> {
  type Example = Record<string, unknown>;
  const { value } = resolved<{ value: Example | Example[] }>({
    $ref: `#/components/examples/${name}`,
  });
  return structuredClone(Array.isArray(value) ? (value[0] ?? {}) : value);
}

/** It is large: read when it is first needed. */
function github() {
  if (!read) {
    const file = createRequire(import.meta.url).resolve(FILE);
    const description = JSON.parse(readFileSync(file, "utf8")) as Description;
    read = { description, routes: [] };
    read = { description, routes: routesOf(description) };
  }
  return read;
}

/** The more a path says in words, the sooner it is tried. */
function routesOf({ paths }: Description): Route[] {
  const words = (path: string) => path.split("/").filter((part) => !part.startsWith("{")).length;
  return Object.entries(paths)
    .sort(([one], [other]) => words(other) - words(one))
    .map(([path, methods]) => {
      const long = new Set(
        Object.values(methods)
          .flatMap(({ parameters }) => parameters ?? [])
          .map((parameter) => resolved<Parameter>(parameter))
          .filter((parameter) => parameter["x-multi-segment"])
          .map(({ name }) => name),
      );
      const names: string[] = [];
      const pattern = path.replaceAll(".", "\\.").replaceAll(/\{(\w+)\}/g, (_, name: string) => {
        names.push(name);
        return long.has(name) ? "(.+)" : "([^/]+)";
      });
      return { pattern: new RegExp(`^${pattern}$`), names, methods };
    });
}
