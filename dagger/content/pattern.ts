import { SluiceError } from "../core/error.ts";

/**
 * Include and exclude patterns as moby's patternmatcher has them: Go's filepath.Match plus `**`,
 * a pattern matches a path and everything below it, later patterns win, `!` negates.
 */
export type PathMatcher = (path: string) => boolean;

/** True when a path, or a folder above it, matches. */
export function matcher(patterns: readonly string[]): PathMatcher {
  const rules = patterns.map((pattern) => {
    const negated = pattern.startsWith("!");
    return { negated, regexp: compile(negated ? pattern.slice(1) : pattern) };
  });
  return (path) => {
    let matched = false;
    for (const { negated, regexp } of rules) {
      if (matched !== negated) continue;
      if (selfAndParents(path).some((candidate) => regexp.test(candidate))) matched = !negated;
    }
    return matched;
  };
}

/** One pattern against the whole path only, as `glob` uses it. */
export function exact(pattern: string): PathMatcher {
  const regexp = compile(pattern);
  return (path) => regexp.test(path);
}

function selfAndParents(path: string): string[] {
  const parts = path.split("/");
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function compile(pattern: string): RegExp {
  const clean =
    pattern
      .replace(/^(\.?\/)+/, "")
      .replace(/\/+$/, "")
      .replace(/\/{2,}/g, "/") || ".";
  let source = "";
  for (let at = 0; at < clean.length; at++) {
    const char = clean[at] as string;
    if (clean.startsWith("**", at)) {
      at++;
      if (clean[at + 1] === "/") at++;
      source += at >= clean.length - 1 ? ".*" : "(?:.*/)?";
    } else if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const end = clean.indexOf("]", at + 1);
      if (end < 0) source += "\\[";
      else {
        source += clean.slice(at, end + 1).replace(/\\/g, "\\\\");
        at = end;
      }
    } else if (char === "\\" && at + 1 < clean.length) source += escape(clean[++at] as string);
    else source += escape(char);
  }
  try {
    return new RegExp(`^${source}$`, "su");
  } catch (cause) {
    throw new SluiceError("INVALID_PATTERN", `syntax error in pattern ${JSON.stringify(pattern)}`, {
      cause,
    });
  }
}

const escape = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
