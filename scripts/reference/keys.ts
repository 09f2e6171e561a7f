/** The part of JSON Schema that is read here. */
interface Schema {
  type?: string | string[];
  description?: string;
  const?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  items?: Schema;
  anyOf?: Schema[];
}

const intro = `# release.yaml

<!-- Written by \`npm run reference\` from the schema that the module reads the file with. -->

One file says what is released and how it is verified. It lies at the root of the repository (another path: \`--pipeline\`). \`sluice init\` writes a first one; \`sluice check\` names every fault with its line. Unknown keys are faults.

Editors complete and check it with [pipelines/release.schema.json](../../pipelines/release.schema.json):

\`\`\`yaml
# yaml-language-server: $schema=<path to sluice>/pipelines/release.schema.json
\`\`\`

A whole file: [examples/stack/release.yaml](../../examples/stack/release.yaml). Durations are written \`500ms\`, \`30s\`, \`2m\` or \`1m30s\`. Commands are lists and run without a shell. While it is verified, a container reaches what it \`needs\` by name. Builds get the build arguments \`SLUICE_COMMIT\`, \`SLUICE_VERSION\` and \`SOURCE_DATE_EPOCH\` (the commit's time) besides their own.
`;

/** The reference of the pipeline file, from its JSON Schema. */
export function keysReference(schema: object): string {
  return [intro, ...sections("", schema)].join("\n");
}

/** One section for each object in the file, the outer ones first. */
function sections(path: string, schema: Schema): string[] {
  const { properties = {}, required = [] } = schema;
  const rows = Object.entries(properties).map(
    ([name, value]) =>
      `| \`${name}\` | ${typeOf(value)} | ${required.includes(name) ? "**required** · " : ""}${described(value)} |`,
  );
  return [
    `## ${path === "" ? "The file" : `\`${path}\``}`,
    "",
    ...(schema.description === undefined ? [] : [schema.description, ""]),
    "| key | type | what it is |",
    "| --- | --- | --- |",
    ...rows,
    "",
    ...Object.entries(properties).flatMap(([name, value]) =>
      inner(path === "" ? name : `${path}.${name}`, value),
    ),
  ];
}

/** Sections of what a key holds, when that has keys of its own. */
function inner(path: string, schema: Schema): string[] {
  if (schema.properties) return sections(path, schema);
  const { additionalProperties, items, anyOf = [] } = schema;
  if (items?.properties) return sections(`${path}[]`, items);
  if (typeof additionalProperties === "object" && additionalProperties.properties) {
    return sections(`${path}.<name>`, additionalProperties);
  }
  // An object with one key is explained where it is mentioned.
  return anyOf.flatMap((one) =>
    Object.keys(one.properties ?? {}).length > 1 ? sections(path, one) : [],
  );
}

function described({ description = "" }: Schema): string {
  return description.replaceAll("|", "\\|");
}

function typeOf(schema: Schema): string {
  const { type, anyOf, items, additionalProperties } = schema;
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(" or ");
  if (type === "array") return `list of ${items ? typeOf(items) : "anything"}`;
  if (type === "object") {
    return additionalProperties === undefined || additionalProperties === false ? "object" : "map";
  }
  return type === "integer" ? "number" : String(type);
}
