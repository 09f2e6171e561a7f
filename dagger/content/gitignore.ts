import ignore, { type Ignore } from "ignore";
import { joinPath, parentOf } from "./path.ts";

/** Answers whether git would ignore a path, given the texts of all `.gitignore` files by path. */
export function ignoredByGit(
  files: ReadonlyMap<string, string>,
): (path: string, isDirectory: boolean) => boolean {
  const rules = new Map<string, Ignore>();
  // Rules of folders above come first, so that nearer ones can override them.
  const above = files.get("../.gitignore") ?? "";
  for (const [path, text] of files) {
    const at = path === "../.gitignore" ? "" : parentOf(path);
    if (path !== "../.gitignore" || !files.has(".gitignore")) {
      rules.set(at, ignore().add(at === "" && above !== text ? `${above}\n${text}` : text));
    }
  }
  const memo = new Map<string, boolean>();
  const check = (path: string, isDirectory: boolean): boolean => {
    const known = memo.get(path);
    if (known !== undefined) return known;
    const parent = parentOf(path);
    // What is in an ignored directory can't be re-included.
    let ignored = parent !== "" && check(parent, true);
    for (let at = parent, inner = path.slice(path.lastIndexOf("/") + 1); !ignored;) {
      const result = rules.get(at)?.test(isDirectory ? `${inner}/` : inner);
      if (result?.unignored) break;
      if (result?.ignored) ignored = true;
      if (at === "") break;
      inner = joinPath(at.slice(at.lastIndexOf("/") + 1), inner);
      at = parentOf(at);
    }
    memo.set(path, ignored);
    return ignored;
  };
  return check;
}
