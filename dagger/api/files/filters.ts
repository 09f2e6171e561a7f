import type { Filter, Tree } from "../../content/tree.ts";
import type { Session } from "../../core/session.ts";

/** Include, exclude and gitignore arguments as the tree takes them: `.gitignore` texts are read from it. */
export async function filterOf(
  session: Session,
  tree: Tree,
  args: { include?: string[]; exclude?: string[]; gitignore?: boolean },
): Promise<Filter> {
  const { include, exclude } = args;
  if (!args.gitignore) return { include, exclude };
  const gitignoreFiles = new Map<string, string>();
  for (const [path, entry] of tree.entries) {
    if (entry.kind !== "file" || !/(^|\/)\.gitignore$/.test(path)) continue;
    gitignoreFiles.set(path, (await session.store.bytes(entry.blob.digest)).toString("utf8"));
  }
  return { include, exclude, gitignoreFiles };
}
