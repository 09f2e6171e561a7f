/** Words of Compose files and of other spellings, and what they are called here. */
const SYNONYMS: Readonly<Record<string, string>> = {
  args: "buildArgs",
  dependson: "needs",
  environment: "env",
  healthcheck: "probe",
  probes: "probe",
  ports: "port",
  platform: "platforms",
  timeout: "deadline",
  expect: "status",
};

/** The name among `known` that was probably meant; undefined if none is near. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const plain = flatten(word);
  const same = known.find((name) => flatten(name) === plain);
  if (same !== undefined) return same;
  const synonym = SYNONYMS[plain];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  const near = known
    .map((name) => ({ name, distance: distance(plain, flatten(name)) }))
    .filter(({ name, distance }) => distance <= Math.max(1, Math.floor(name.length / 3)))
    .sort((one, other) => one.distance - other.distance);
  return near[0]?.name;
}

/** `; did you mean "port"?`, or the known names, or nothing if there is none. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = suggest(word, known);
  if (meant !== undefined) return `; did you mean ${JSON.stringify(meant)}?`;
  return known.length === 0 ? "" : `; known: ${known.join(", ")}`;
}

function flatten(word: string): string {
  return word.toLowerCase().replaceAll(/[-_.\s]/g, "");
}

/** Edits that turn one word into the other: insert, delete, replace, or swap two neighbours. */
function distance(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row++) {
    const line = [row];
    rows.push(line);
    for (let column = 1; column <= other.length; column++) {
      const replaced = one[row - 1] === other[column - 1] ? 0 : 1;
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      line.push(
        Math.min(
          at(row - 1, column) + 1,
          at(row, column - 1) + 1,
          at(row - 1, column - 1) + replaced,
          swapped ? at(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return at(one.length, other.length);
}
