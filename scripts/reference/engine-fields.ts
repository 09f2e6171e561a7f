import { isObjectType } from "graphql";
import { coreTypes } from "../../dagger/api/types.ts";
import { addModuleTypes } from "../../dagger/modules/api/types.ts";
import { loadSchema } from "../../dagger/schema/load.ts";

const intro = `# Fields of the embedded engine

<!-- Written by \`npm run reference\` from the schema and the engine's own tables. -->

Every field of Dagger's API, by type; \`id\`, \`node\` and \`load…FromID\` work for all that are listed. A field that is not supported answers with an error that names it (\`UNSUPPORTED_FIELD\`), as does an argument (\`UNSUPPORTED_ARGUMENT\`); nothing is silently ignored.
`;

/** The executor answers these for every type by itself. */
const served = /^(?:id|node|load\w+FromID)$/;

/** Which fields of Dagger's API the embedded engine answers. */
export function engineFieldsReference(): string {
  const types = addModuleTypes(coreTypes());
  const objects = Object.values(loadSchema().getTypeMap()).filter(
    (type) => isObjectType(type) && !type.name.startsWith("__"),
  );
  const sections = objects.flatMap((type) => {
    if (!isObjectType(type)) return [];
    const supported = types.get(type.name);
    if (!supported) return [];
    const names = Object.keys(type.getFields())
      .filter((name) => !served.test(name))
      .sort();
    const missing = names.filter((name) => !Object.hasOwn(supported, name));
    return [
      `## ${type.name}`,
      "",
      `**${names.length - missing.length} of ${names.length}:** ${list(names.filter((name) => !missing.includes(name)))}`,
      "",
      ...(missing.length > 0 ? [`Not supported: ${list(missing)}`, ""] : []),
    ];
  });
  const absent = objects.map(({ name }) => name).filter((name) => !types.has(name));
  return [intro, ...sections, "## Types without any field", "", list(absent), ""].join("\n");
}

const list = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
