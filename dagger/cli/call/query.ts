import type { Value } from "../grammar/value.ts";
import type { FunctionType, Grammar, ValueType } from "../grammar/model.ts";
import { objectOf } from "../grammar/model.ts";

/** Runs one GraphQL document and answers its `data`. Throws CallError. */
export type Query = (source: string) => Promise<unknown>;

/** One field with its arguments as GraphQL source. */
export interface Selection {
  field: string;
  args: { name: string; text: string }[];
}

/** `{ sluice(source: "…") { build { json } } }` */
export function document(selections: readonly Selection[]): string {
  return selections.reduceRight((inner, { field, args }) => {
    const given = args.map(({ name, text }) => `${name}: ${text}`).join(", ");
    return `{ ${field}${given && `(${given})`}${inner && ` ${inner}`} }`;
  }, "");
}

/**
 * What lies at the end of the selections. As on Dagger's command line the walk ends at a list, whose
 * items stay objects of what was selected of them: `[{"name": "a"}, {"name": "b"}]`.
 */
export function pick(data: unknown, selections: readonly Selection[]): unknown {
  let value = data;
  for (const { field } of selections) {
    if (Array.isArray(value)) return value;
    value = (value as Record<string, unknown> | null | undefined)?.[field] ?? null;
  }
  return value;
}

/** How an object at the end of a chain is evaluated. */
export type Leaf =
  /** It is no object: its value is the result. */
  | { kind: "value" }
  /** Its id, after `sync` where it has one. */
  | { kind: "id"; selection: Selection }
  /** Written to a path of this host. */
  | { kind: "export"; selection: Selection };

/** Follows Dagger's command line: what can sync does, what can be exported is when `output` asks. */
export function leafOf(grammar: Grammar, type: ValueType, output: string | undefined): Leaf {
  const object = objectOf(grammar, type);
  if (!object) return { kind: "value" };
  const named = (name: string): FunctionType | undefined =>
    object.functions.find((fn) => fn.name === name);
  const exporter = named("export");
  const takes = (name: string) => exporter?.args.some((arg) => arg.name === name) === true;
  if (output !== undefined && takes("path") && type.kind !== "list") {
    const args = [{ name: "path", text: JSON.stringify(output) }];
    if (takes("allowParentDirPath")) args.push({ name: "allowParentDirPath", text: "true" });
    return { kind: "export", selection: { field: "export", args } };
  }
  const sync = named("sync");
  const field = sync?.args.length === 0 ? "sync" : "id";
  return { kind: "id", selection: { field, args: [] } };
}

/** GraphQL source for a value; objects are made first, all at once. */
export async function sourceOf(value: Value, query: Query): Promise<string> {
  switch (value.kind) {
    case "literal":
      return value.text;
    case "list": {
      const items = await Promise.all(value.items.map((item) => sourceOf(item, query)));
      return `[${items.join(", ")}]`;
    }
    case "object": {
      const selections = makerOf(value);
      const id = pick(await query(document(selections)), selections);
      return JSON.stringify(id);
    }
  }
}

function makerOf(value: Extract<Value, { kind: "object" }>): Selection[] {
  const plain = (field: string): Selection => ({ field, args: [] });
  const text = JSON.stringify(value.address);
  if (value.type === "CacheVolume")
    return [{ field: "cacheVolume", args: [{ name: "key", text }] }, plain("id")];
  const address = { field: "address", args: [{ name: "value", text }] };
  switch (value.type) {
    case "Directory": {
      const exclude = value.exclude.length > 0 ? [excluding(value.exclude)] : [];
      return [address, { field: "directory", args: exclude }, plain("sync")];
    }
    case "File":
      return [address, plain("file"), plain("sync")];
    case "Container":
      return [address, plain("container"), plain("sync")];
    default: {
      const field = value.type.charAt(0).toLowerCase() + value.type.slice(1);
      return [address, plain(field), plain("id")];
    }
  }
}

const excluding = (patterns: string[]) => ({ name: "exclude", text: JSON.stringify(patterns) });
