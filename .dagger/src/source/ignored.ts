/**
 * What the default source leaves behind: big, or made on the machine, and never part of a build.
 * The argument's decorator repeats it, because introspection reads literals only.
 */
const IGNORED = new Set(["node_modules", ".venv", "__pycache__", ".artifacts"]);

/** Paths of which no part is left behind. */
export function unignored(paths: readonly string[]): string[] {
  return paths.filter((path) => !path.split("/").some((part) => IGNORED.has(part)));
}
