import picomatch from "picomatch";
import type { Pipeline } from "../pipeline/model.ts";

/** Which parts of the system a candidate changes, by name. */
export type Scope = Readonly<Record<string, boolean>>;

/**
 * The scopes that the changed paths are in. Without scopes in the pipeline file everything is one:
 * `runtime`.
 *
 * @param changed paths from the repository's root
 */
export function scopeOf(scopes: Pipeline["scopes"], changed: readonly string[]): Scope {
  const entries = Object.entries(scopes);
  if (entries.length === 0) return { runtime: true };
  return Object.fromEntries(entries.map(([name, globs]) => [name, changed.some(matcherOf(globs))]));
}

/** What kind of release a scope makes: `runtime` before all others, `none` when nothing changes. */
export function kindOf(scope: Scope): string {
  if (scope["runtime"] === true) return "runtime";
  return Object.keys(scope).find((name) => scope[name] === true) ?? "none";
}

/** Those that start with `!` leave paths out, wherever they stand. */
function matcherOf(globs: readonly string[]): (path: string) => boolean {
  const ignore = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const wanted = globs.filter((glob) => !glob.startsWith("!"));
  const matches = picomatch(wanted, { dot: true, ignore });
  return (path) => matches(path);
}
