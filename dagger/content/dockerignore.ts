import type { ContentStore } from "./store.ts";
import type { Tree } from "./tree.ts";

/** A build context without what `<Dockerfile>.dockerignore`, else `.dockerignore`, excludes. */
export async function dockerignore(
  store: ContentStore,
  context: Tree,
  dockerfile = "Dockerfile",
): Promise<Tree> {
  for (const path of [`${dockerfile}.dockerignore`, ".dockerignore"]) {
    const entry = context.get(path);
    if (entry?.kind !== "file") continue;
    const text = (await store.bytes(entry.blob.digest)).toString("utf8");
    const exclude = text
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== "" && !line.startsWith("#"));
    // The builder is given the Dockerfile apart from the context.
    return context.filter({ exclude });
  }
  return context;
}
