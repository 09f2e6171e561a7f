import picomatch from "picomatch";
import {
  findObject,
  mayBeLeftOut,
  type FunctionDef,
  type ModuleDef,
} from "../../modules/typedefs.ts";
import { kebab } from "../grammar/kebab.ts";

/** A check or generator that can be reached from the module without any argument. */
export interface Found {
  /** `tests:lint`, as it is typed. */
  name: string;
  description: string;
  /** API names from the main object on. */
  path: string[];
  fn: FunctionDef;
}

/** Every function that `wanted` picks, by name; `patterns` choose some of them. */
export function findFunctions(
  module: ModuleDef,
  wanted: (fn: FunctionDef) => boolean,
  patterns: readonly string[] = [],
): Found[] {
  const found = new Map<string, Found>();
  const walk = (objectName: string, path: string[], above: readonly string[]) => {
    const object = findObject(module, objectName);
    // An object that leads back to itself (`withX`) would never end.
    if (!object || above.includes(objectName)) return;
    for (const fn of object.functions) {
      if (!fn.args.every(mayBeLeftOut)) continue;
      const here = [...path, fn.name];
      const name = here.map(kebab).join(":");
      if (wanted(fn)) found.set(name, { name, description: fn.description, path: here, fn });
      else if (fn.returns.kind === "OBJECT") walk(fn.returns.name, here, [...above, objectName]);
    }
    for (const field of object.fields) {
      if (field.type.kind === "OBJECT")
        walk(field.type.name, [...path, field.name], [...above, objectName]);
    }
  };
  walk(module.mainObject, [], []);
  return [...found.values()]
    .filter(({ name }) => matches(name, patterns))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** A pattern is a name, the name of what holds it, or a glob with `:` between the levels. */
function matches(name: string, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  const slashed = name.replaceAll(":", "/");
  return patterns.some((pattern) => {
    const typed = pattern.split(":").map(kebab).join("/");
    return (
      slashed === typed || slashed.startsWith(`${typed}/`) || picomatch.isMatch(slashed, typed)
    );
  });
}
