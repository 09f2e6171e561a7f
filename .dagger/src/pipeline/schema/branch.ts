import { z } from "zod";

/** What git's rules for ref names forbid anywhere in them (`git check-ref-format`). */
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.\/|\.$|\/$|^\//;

/**
 * Whether `text` can name a branch: git's rules for ref names, and none that a command line would
 * take for an option.
 */
export function isBranchName(text: string): boolean {
  if (text.length === 0 || text.length > 255 || FORBIDDEN.test(text)) return false;
  if (text.startsWith("-") || text === "@" || text === "HEAD" || text.startsWith("refs/")) {
    return false;
  }
  return text.split("/").every((part) => !part.startsWith(".") && !part.endsWith(".lock"));
}

/** A branch of the remote, without `refs/heads/`. */
export const branchName = z.string().refine(isBranchName, {
  error: "the name of a branch, such as main or release/2026",
});
