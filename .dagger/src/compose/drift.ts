import { parse } from "yaml";
import { firstLine } from "../error.ts";

/**
 * How a manifest differs from the one that should be there, one line for each value; empty when they
 * say the same. Comments and layout don't count.
 *
 * @param actual undefined when there is no such file
 */
export function composeDrift(expected: string, actual: string | undefined): string[] {
  if (actual === undefined) return ["the file is missing"];
  let found: ReadonlyMap<string, string>;
  try {
    found = valuesOf(parse(actual) as unknown);
  } catch (error) {
    return [`it is not YAML: ${firstLine(error)}`];
  }
  const wanted = valuesOf(parse(expected) as unknown);
  const paths = [...new Set([...wanted.keys(), ...found.keys()])];
  return paths
    .filter((path) => wanted.get(path) !== found.get(path))
    .map((path) => {
      const [one, other] = [wanted.get(path) ?? "nothing", found.get(path) ?? "nothing"];
      return `${path === "" ? "the file" : path}: expected ${one}, found ${other}`;
    });
}

/** Every value that is not a mapping, by the keys that lead to it. */
function valuesOf(value: unknown, path = ""): Map<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return new Map([[path, JSON.stringify(value)]]);
  }
  return new Map(
    Object.entries(value).flatMap(([key, member]) => [
      ...valuesOf(member, path === "" ? key : `${path}.${key}`),
    ]),
  );
}
