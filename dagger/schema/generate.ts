/**
 * Derives Dagger's GraphQL schema from the typings of the npm package `@dagger.io/dagger`, which
 * list every field, argument and description of the API. Run with `npm run schema`; a test fails
 * when the committed file no longer matches the installed package.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const api = join(dirname(createRequire(import.meta.url).resolve("@dagger.io/dagger")), "api");
const target = fileURLToPath(new URL("dagger.graphql", import.meta.url));

/** Names that TypeScript reserves and the SDK therefore spells differently than the API does. */
const renamed = new Map([
  ["Client", "Query"],
  ["Module_", "Module"],
  ["Function_", "Function"],
]);
const helperClasses = new Set(["BaseClient", "_NodeClient", "_ExportableClient", "_SyncerClient"]);

interface Field {
  name: string;
  args: { name: string; type: string; doc: string }[];
  type: string;
  doc: string;
}

export function generateSchema(): string {
  const file = ts.createSourceFile(
    "client.gen.d.ts",
    readFileSync(join(api, "client.gen.d.ts"), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const client = readFileSync(join(api, "client.gen.js"), "utf8");
  const classes = new Map<string, ts.ClassDeclaration>();
  const enums = new Map<string, ts.EnumDeclaration>();
  const shapes = new Map<string, ts.TypeLiteralNode>();
  for (const node of file.statements) {
    if (ts.isClassDeclaration(node) && node.name && !helperClasses.has(node.name.text)) {
      classes.set(node.name.text, node);
    } else if (ts.isEnumDeclaration(node)) {
      enums.set(node.name.text, node);
    } else if (ts.isTypeAliasDeclaration(node) && ts.isTypeLiteralNode(node.type)) {
      shapes.set(node.name.text, node.type);
    }
  }
  const inputs = [...shapes.keys()].filter((name) => !name.endsWith("Opts"));

  const outputType = (node: ts.TypeNode): string => {
    if (ts.isTypeReferenceNode(node) && node.typeName.getText() === "Promise") {
      const inner = node.typeArguments?.[0];
      if (!inner) throw new Error(`Promise without a type: ${node.getText()}`);
      // A promise of an object is what `sync` and `start` answer: the object's id.
      return classes.has(inner.getText()) ? "ID" : namedType(inner);
    }
    return namedType(node);
  };
  const argType = (node: ts.TypeNode): string => {
    if (ts.isArrayTypeNode(node)) return `[${argType(node.elementType)}!]`;
    const name = node.getText();
    const isObject = classes.has(name) || ["Node", "Exportable", "Syncer"].includes(name);
    return isObject || name.endsWith("ID") ? "ID" : namedType(node);
  };
  const namedType = (node: ts.TypeNode): string => {
    if (ts.isArrayTypeNode(node)) return `[${namedType(node.elementType)}!]`;
    switch (node.kind) {
      case ts.SyntaxKind.StringKeyword:
        return "String";
      case ts.SyntaxKind.NumberKeyword:
        return "Int";
      case ts.SyntaxKind.BooleanKeyword:
        return "Boolean";
      case ts.SyntaxKind.VoidKeyword:
        return "Void";
    }
    const name = node.getText();
    if (name === "float") return "Float";
    return renamed.get(name) ?? name;
  };
  const argument = (name: string, node: ts.TypeNode, optional: boolean, text: string) => ({
    name: name.replace(/_$/, ""),
    type: argType(node) + (optional ? "" : "!") + expectedType(node),
    doc: text,
  });
  /** An object is passed by id: says of which type, as the real engine's schema does. */
  const expectedType = (node: ts.TypeNode): string => {
    if (ts.isArrayTypeNode(node)) return expectedType(node.elementType);
    const name = node.getText();
    return classes.has(name) ? ` @expectedType(name: "${renamed.get(name) ?? name}")` : "";
  };
  const fieldOf = (member: ts.PropertyDeclaration): Field | undefined => {
    const type = member.type;
    if (!type || !ts.isFunctionTypeNode(type)) return undefined;
    const name = member.name.getText();
    if (name === "with") return undefined;
    const args = type.parameters.flatMap((parameter) => {
      const parameterType = parameter.type;
      if (!parameterType) throw new Error(`${name}: untyped parameter`);
      const opts = shapes.get(parameterType.getText());
      if (parameter.name.getText() !== "opts" || !opts) {
        const optional = parameter.questionToken !== undefined;
        return [argument(parameter.name.getText(), parameterType, optional, "")];
      }
      return opts.members
        .filter(ts.isPropertySignature)
        .map((option) =>
          argument(option.name.getText(), option.type as ts.TypeNode, true, docOf(option)),
        );
    });
    return { name: name.replace(/_$/, ""), args, type: outputType(type.type), doc: docOf(member) };
  };

  const parts = [
    `# Derived from the typings of @dagger.io/dagger ${packageVersion()} by \`npm run schema\`. Do not edit.`,
    "directive @expectedType(name: String!) on ARGUMENT_DEFINITION",
    ...["JSON", "Platform", "Void"].map((name) => `scalar ${name}`),
    "interface Node {\n  id: ID!\n}",
    "interface Exportable implements Node {\n  id: ID!\n  export(path: String!): String\n}",
    "interface Syncer implements Node {\n  id: ID!\n  sync: ID\n}",
  ];
  for (const [name, node] of [...enums].sort()) {
    parts.push(
      `${description(docOf(node), "")}enum ${name} {\n  ${enumNames(name, node, client).join("\n  ")}\n}`,
    );
  }
  for (const name of inputs) {
    const fields = shapes.get(name)?.members.filter(ts.isPropertySignature) ?? [];
    const lines = fields.map((field) => {
      const type = argType(field.type as ts.TypeNode);
      return `${description(docOf(field), "  ")}  ${field.name.getText()}: ${type}${field.questionToken ? "" : "!"}`;
    });
    parts.push(`input ${name} {\n${lines.join("\n")}\n}`);
  }
  for (const [name, node] of [...classes].sort()) {
    const fields = node.members
      .filter(ts.isPropertyDeclaration)
      .flatMap((member) => fieldOf(member) ?? []);
    const lines = fields.map((field) => {
      if (field.name === "id") return "  id: ID!";
      const args = field.args
        .map((arg) => `${description(arg.doc, "").trim()} ${arg.name}: ${arg.type}`.trim())
        .join(", ");
      return `${description(field.doc, "  ")}  ${field.name}${args && `(${args})`}: ${field.type}`;
    });
    const apiName = renamed.get(name) ?? name;
    if (apiName === "Query") {
      if (!lines.some((line) => line.startsWith("  id:"))) lines.push("  id: ID!");
    }
    parts.push(
      `${description(docOf(node), "")}type ${apiName} implements Node {\n${lines.join("\n")}\n}`,
    );
  }
  return parts.join("\n\n") + "\n";
}

/** The SDK sends an enum's API name where it differs from the value; the API takes both. */
function enumNames(name: string, node: ts.EnumDeclaration, client: string): string[] {
  const body = new RegExp(`function ${name}ValueToName\\(value\\) \\{(.*?)\\n\\}`, "s").exec(
    client,
  )?.[1];
  const names = [...(body ?? "").matchAll(/return "(\w+)"/g)].map((match) => match[1] as string);
  const values = node.members.map((member) =>
    member.initializer && ts.isStringLiteral(member.initializer)
      ? member.initializer.text
      : member.name.getText(),
  );
  return [...new Set([...names, ...values])].filter((value) => value !== "");
}

function docOf(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return ts.getTextOfJSDocComment(comments[0]?.comment)?.trim() ?? "";
}

function description(text: string, indent: string): string {
  return text ? `${indent}${JSON.stringify(text)}\n` : "";
}

function packageVersion(): string {
  const text = readFileSync(join(api, "../../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(target, generateSchema());
