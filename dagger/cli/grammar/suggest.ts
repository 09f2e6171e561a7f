/** The names most like `given`, best first, at most three; none when nothing is similar. */
export function closest(given: string, known: Iterable<string>): string[] {
  const typed = given.toLowerCase();
  const allowed = Math.max(2, Math.floor(typed.length / 3));
  return [...new Set(known)]
    .map((name) => ({ name, away: name.startsWith(typed) ? 0 : distance(typed, name) }))
    .filter(({ away }) => away <= allowed)
    .sort((a, b) => a.away - b.away || (a.name < b.name ? -1 : 1))
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Levenshtein's: how many letters have to be added, dropped or changed. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [row, letter] of a.split("").entries()) {
    const current = [row + 1];
    for (const [column, other] of b.split("").entries()) {
      const replaced = (previous[column] ?? 0) + (letter === other ? 0 : 1);
      current.push(Math.min(replaced, (previous[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
