import { SluiceError } from "../error.ts";

/** A thing that may need others, before it is made. */
export interface Planned<T> {
  member: { name: string; needs?: readonly string[] };
  /** Makes it; `needs` are made before. */
  create(needs: T[]): T;
}

/** Makes everything, each after what it needs. Throws on a name that is unknown, twice there, or needs itself. */
export function inOrder<T>(planned: readonly Planned<T>[]): T[] {
  const byName = new Map(planned.map((item) => [item.member.name, item]));
  if (byName.size < planned.length) {
    const names = planned.map(({ member }) => member.name);
    const twice = names.find((name, index) => names.indexOf(name) !== index) ?? "";
    throw invalid(`${twice}: two members of the verification have this name`);
  }
  const made = new Map<string, T>();
  const make = (item: Planned<T>, path: readonly string[]): T => {
    const { name, needs = [] } = item.member;
    const known = made.get(name);
    if (known !== undefined) return known;
    if (path.includes(name)) {
      throw invalid(`${name} needs itself: ${[...path, name].join(" → ")}`);
    }
    const first = needs.map((need) => {
      const other = byName.get(need);
      if (!other) throw invalid(`${name} needs ${need}, which is not part of the verification`);
      return make(other, [...path, name]);
    });
    const result = item.create(first);
    made.set(name, result);
    return result;
  };
  return planned.map((item) => make(item, []));
}

function invalid(reason: string): SluiceError {
  return new SluiceError("VERIFY_INPUT_INVALID", reason, {
    hint: "Correct the needs in the pipeline file.",
  });
}
