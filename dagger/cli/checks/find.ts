import picomatch from "picomatch";
import { findObject, mayBeLeftOut, type ModuleDef, type TypeRef } from "../../modules/typedefs.ts";
import { leafOf, type Selection } from "../call/query.ts";
import { kebab } from "../grammar/kebab.ts";
import type { Grammar } from "../grammar/model.ts";

/** A check or generator that can be reached from the module without any argument. */
export interface Found {
  /** `tests:lint`, as it is typed. */
  name: string;
  description: string;
  /** API names from the main object on. */
  path: string[];
  isCheck: boolean;
  isGenerator: boolean;
  /** What brings an object that it answers to its end; absent when it answers a value. */
  end?: Selection;
}

/** Every check and generator of a module, by name. */
export function findFunctions(module: ModuleDef, grammar: Grammar): Found[] {
  const all = new Map<string, Found>();
  const walk = (objectName: string, path: string[], above: readonly string[]) => {
    const object = findObject(module, objectName);
    // An object that leads back to itself (`withX`) would never end.
    if (!object || above.includes(objectName)) return;
    for (const {
      args,
      name: own,
      description,
      isCheck,
      isGenerator,
      returns,
    } of object.functions) {
      if (!args.every(mayBeLeftOut)) continue;
      const here = [...path, own];
      const name = here.map(kebab).join(":");
      const found = { name, description, path: here, isCheck, isGenerator };
      if (isCheck || isGenerator) all.set(name, { ...found, end: endOf(grammar, returns) });
      else if (returns.kind === "OBJECT") walk(returns.name, here, [...above, objectName]);
    }
    for (const field of object.fields) {
      if (field.type.kind === "OBJECT")
        walk(field.type.name, [...path, field.name], [...above, objectName]);
    }
  };
  walk(module.mainObject, [], []);
  return [...all.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function endOf(grammar: Grammar, type: TypeRef): Selection | undefined {
  if (type.kind !== "OBJECT" && type.kind !== "INTERFACE") return undefined;
  const leaf = leafOf(grammar, { kind: "object", name: type.name }, undefined);
  return leaf.kind === "value" ? undefined : leaf.selection;
}

/** A pattern is a name, the name of what holds it, or a glob with `:` between the levels. */
export function matches({ name }: Found, patterns: readonly string[]): boolean {
  if (patterns.length === 0) return true;
  const slashed = name.replaceAll(":", "/");
  return patterns.some((pattern) => {
    const typed = pattern.split(":").map(kebab).join("/");
    return (
      slashed === typed || slashed.startsWith(`${typed}/`) || picomatch.isMatch(slashed, typed)
    );
  });
}
