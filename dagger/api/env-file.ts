import { z } from "zod";
import { keyOf } from "../core/key.ts";
import { record, type Node } from "../core/node.ts";
import type { Session } from "../core/session.ts";
import { field, plain, type TypeDefinition } from "./define.ts";
import { File } from "./files/file.ts";

type Variable = readonly [name: string, raw: string];

/** `KEY=value` lines. */
export class EnvFile implements Node {
  readonly typeName = "EnvFile";
  readonly key: string;

  constructor(
    readonly session: Session,
    readonly lines: readonly Variable[],
    readonly expand: boolean,
  ) {
    this.key = keyOf("env-file", expand, lines);
  }

  /** Parses text; blank lines and comments are skipped. */
  static parse(session: Session, text: string, expand: boolean): EnvFile {
    const lines = text
      .split("\n")
      .map((line) => /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map((match) => [match[1] ?? "", match[2] ?? ""] as const);
    return new EnvFile(session, lines, expand);
  }

  /** Variables with quotes removed and references expanded. */
  variables(raw = false): [string, string][] {
    const seen = new Map<string, string>();
    for (const [name, text] of this.lines) seen.set(name, raw ? text : this.#value(text, seen));
    return [...seen];
  }

  #value(text: string, seen: ReadonlyMap<string, string>): string {
    const single = /^'(.*)'$/s.exec(text);
    if (single) return single[1] ?? "";
    const bare = /^"(.*)"$/s.exec(text)?.[1] ?? text;
    if (!this.expand) return bare;
    return bare.replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (_, braced?: string, name?: string) => seen.get(braced ?? name ?? "") ?? "",
    );
  }
}

export const envFileFields: TypeDefinition<EnvFile> = {
  get: field(
    { name: z.string(), raw: z.boolean().optional() },
    (self, args) => new Map(self.variables(args.raw)).get(args.name) ?? "",
  ),
  exists: field({ name: z.string() }, (self, args) =>
    self.lines.some(([name]) => name === args.name),
  ),
  variables: field({ raw: z.boolean().optional() }, (self, args) =>
    self.variables(args.raw).map(([name, value]) => record("EnvVariable", { name, value })),
  ),
  withVariable: field(
    { name: z.string(), value: z.string() },
    (self, args) =>
      new EnvFile(
        self.session,
        [...self.lines.filter(([name]) => name !== args.name), [args.name, args.value]],
        self.expand,
      ),
  ),
  withoutVariable: field(
    { name: z.string() },
    (self, args) =>
      new EnvFile(
        self.session,
        self.lines.filter(([name]) => name !== args.name),
        self.expand,
      ),
  ),
  asFile: plain((self) =>
    File.ofBytes(
      self.session,
      ".env",
      Buffer.from(self.lines.map(([name, value]) => `${name}=${value}\n`).join("")),
    ),
  ),
};
