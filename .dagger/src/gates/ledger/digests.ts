type Digests = Readonly<Record<string, string>>;

/** Services whose digests differ, or that only one of the two has; in alphabetical order. */
export function differing(one: Digests, other: Digests): string[] {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].filter((name) => one[name] !== other[name]).sort();
}
