/**
 * Writes what is derived from the sources: docs/reference/{functions,engine-fields,release-yaml}.md, the
 * table of the last run on a real engine in docs/engine.md, and the JSON Schema in pipelines/. With --check it changes nothing, and fails if something is out of date.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { format } from "prettier";
import { pipelineJsonSchema } from "../.dagger/src/pipeline/json-schema.ts";
import { kebab } from "../dagger/cli/grammar/kebab.ts";
import { loadModule } from "../dagger/modules/load.ts";
import type { FunctionDef, ModuleDef, ObjectDef, TypeRef } from "../dagger/modules/typedefs.ts";
import { openSession } from "../dagger/session/open.ts";
import { engineFieldsReference } from "./reference/engine-fields.ts";
import { containerEnginesReference } from "./reference/container-engines.ts";
import { engineRunsReference } from "./reference/engine-runs.ts";
import { keysReference } from "./reference/keys.ts";

const root = join(import.meta.dirname, "..");

async function moduleOf(dir: string): Promise<ModuleDef> {
  const open = await openSession({ cwd: dir });
  try {
    return await loadModule(open, dir);
  } finally {
    await open.close();
  }
}

function functionsReference(module: ModuleDef): string {
  const main = module.objects.find(({ name }) => name === module.mainObject);
  const others = module.objects.filter((object) => object !== main);
  return [
    "# Functions",
    "",
    "<!-- Written by `npm run reference` from the module's own documentation. -->",
    "",
    "Names are those of the command line: `sluice call smoke-verify --commit …`, or `dagger call smoke-verify …`. In code they are in camel case (`smokeVerify`).",
    "",
    ...[main, ...others].flatMap((object) => (object ? objectSection(object, module) : [])),
  ].join("\n");
}

function objectSection(object: ObjectDef, module: ModuleDef): string[] {
  const isMain = object.name === module.mainObject;
  return [
    `## ${isMain ? "sluice call" : object.originalName}`,
    "",
    prose(object.description),
    "",
    ...(object.constructorFn ? argumentTable(object.constructorFn) : []),
    ...object.fields.map(
      (field) =>
        `- \`${kebab(field.name)}\` → ${typeName(field.type, module)} — ${paragraph(field.description)}`,
    ),
    ...(object.fields.length > 0 ? [""] : []),
    ...object.functions.flatMap((fn) => [
      `### ${kebab(fn.name)} → ${typeName(fn.returns, module)}`,
      "",
      prose(fn.description),
      "",
      ...argumentTable(fn),
    ]),
  ];
}

function argumentTable({ args }: FunctionDef): string[] {
  if (args.length === 0) return [];
  return [
    "| flag | type | default | what it is |",
    "| --- | --- | --- | --- |",
    ...args.map((arg) => {
      const value = arg.defaultPath ?? arg.defaultValue;
      const shown = value === undefined ? (arg.type.optional ? "" : "**required**") : code(value);
      return `| \`--${kebab(arg.name)}\` | ${typeName(arg.type)} | ${shown} | ${paragraph(arg.description)} |`;
    }),
    "",
  ];
}

function typeName(type: TypeRef, module?: ModuleDef): string {
  if (type.kind === "LIST") return `list of ${typeName(type.element, module)}`;
  if (!("name" in type)) return type.kind.toLowerCase();
  const own = module?.objects.find(({ name }) => name === type.name);
  if (!own) return type.name;
  return own.name === module?.mainObject
    ? "sluice"
    : `[${own.originalName}](#${own.originalName.toLowerCase()})`;
}

/** The page about the engine, its two tables made anew. */
const enginePage = async (): Promise<string> =>
  containerEnginesReference(root, await engineRunsReference(root));

const code = (text: string): string => `\`${text}\``;
/** Markdown takes `<commit>` for a tag. */
const prose = (text: string): string => text.replaceAll("<", "\\<");
const paragraph = (text: string): string => prose(text.replaceAll(/\s+/g, " ").trim());

const schema = pipelineJsonSchema();
const files: Record<string, string> = {
  "docs/reference/functions.md": await format(functionsReference(await moduleOf(root)), {
    parser: "markdown",
    printWidth: 100,
  }),
  "docs/reference/engine-fields.md": await format(engineFieldsReference(), {
    parser: "markdown",
    printWidth: 100,
  }),
  "docs/reference/release-yaml.md": await format(keysReference(schema), {
    parser: "markdown",
    printWidth: 100,
  }),
  "docs/engine.md": await format(await enginePage(), {
    parser: "markdown",
    printWidth: 100,
  }),
  "pipelines/release.schema.json": await format(JSON.stringify(schema), {
    parser: "json",
    printWidth: 100,
  }),
};
const check = process.argv.includes("--check");
for (const [path, text] of Object.entries(files)) {
  const file = join(root, path);
  const known = await readFile(file, "utf8").catch(() => "");
  if (known === text) continue;
  if (check) {
    console.error(`${path} is out of date: run npm run reference`);
    process.exitCode = 1;
  } else {
    await writeFile(file, text);
    console.log(`wrote ${path}`);
  }
}
