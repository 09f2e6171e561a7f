import { keyOf } from "../announce/marker.ts";

/**
 * The line by which something of Sluice's is found again; people don't see it.
 *
 * @param kind `failing`, `release`
 * @param names what it is about
 */
export function markerOf(kind: string, ...names: readonly string[]): string {
  const words = names.map((name) => keyOf(name).replaceAll(" ", "%20"));
  return `<!-- sluice:${[kind, ...words].join(" ")} -->`;
}
