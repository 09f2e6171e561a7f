/** JSON with sorted keys and no spaces: the same data is the same bytes, on any machine. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, one: unknown) =>
    typeof one === "object" && one !== null && !Array.isArray(one)
      ? Object.fromEntries(
          Object.entries(one).toSorted(([first], [second]) => (first < second ? -1 : 1)),
        )
      : one,
  );
}
