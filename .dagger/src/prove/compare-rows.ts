import type { Comparison } from "./compare-model.ts";
import { sameCommit } from "./version.ts";

/** These come first, in this order. */
const KNOWN = ["environment", "slot", "branch", "commit_sha", "deployed_at"];

type Told = Comparison["places"][number];

/**
 * A row for each key that any place knows.
 *
 * @param keys what each place calls its commit
 */
export function rowsOf(places: readonly Told[], keys: readonly string[]): Comparison["rows"] {
  const [commitName = ""] = keys;
  const columns = places.map(({ fields }, index) =>
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key === keys[index] ? commitName : key, value]),
    ),
  );
  const names = new Set(columns.flatMap((column) => Object.keys(column)));
  const known = KNOWN.filter((name) => names.has(name));
  const others = [...names].filter((name) => !known.includes(name)).sort();
  return [...known, ...others].map((name) => {
    const values = columns.map((column) =>
      Object.hasOwn(column, name) ? (column[name] ?? null) : null,
    );
    // A place that could not be asked is missing, not different.
    const asked = values.filter((_, index) => places[index] && told(places[index]));
    const [first = null] = asked;
    return { name, values, differs: asked.some((value) => !same(name, commitName, value, first)) };
  });
}

const told = ({ fields }: Told): boolean => Object.keys(fields).length > 0;

function same(name: string, commitName: string, one: string | null, other: string | null): boolean {
  if (one === other) return true;
  return name === commitName && one !== null && other !== null && sameCommit(one, other);
}
