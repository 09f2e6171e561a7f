/** The shortest way from `start` back to itself, longer than one step; undefined without one. */
export function cycleFrom(
  start: string,
  edges: ReadonlyMap<string, readonly string[]>,
): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (const way of ways) {
    const last = way.at(-1) ?? start;
    for (const next of edges.get(last) ?? []) {
      if (next === start && way.length > 1) return way;
      if (seen.has(next) || next === start) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}

/** A cycle of each group of members that lead to themselves. */
export function cyclesIn(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const reported = new Set<string>();
  return [...edges.keys()].flatMap((name) => {
    const cycle = cycleFrom(name, edges);
    if (!cycle || cycle.some((member) => reported.has(member))) return [];
    for (const member of cycle) reported.add(member);
    return [cycle];
  });
}
