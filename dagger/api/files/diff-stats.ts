import { record, type Node } from "../../core/node.ts";
import type { Changeset } from "./changeset.ts";
import { countLines, type LineChanges } from "./patch.ts";

/** What happened to each path, directories included, with the lines it took; sorted by path. */
export async function diffStats(changes: Changeset): Promise<Node[]> {
  const [before, after] = await Promise.all([changes.before.tree(), changes.after.tree()]);
  const { added, modified } = after.changes(before);
  const lines = await countLines(changes.session, before, after);
  const byPath = new Map(lines.map((change) => [change.to ?? change.from ?? "", change]));
  const renamed = new Map(
    lines.flatMap(({ from, to }) => (from && to && from !== to ? [[to, from] as const] : [])),
  );
  const moved = new Set(renamed.values());
  const removed = [...before.entries]
    .filter(([path]) => after.get(path) === undefined && !moved.has(path))
    .map(([path, entry]) => (entry.kind === "directory" ? `${path}/` : path));
  const stat = (path: string, kind: string, counted: LineChanges | undefined) => ({
    path,
    kind,
    oldPath: renamed.get(path) ?? null,
    addedLines: counted?.added ?? 0,
    removedLines: counted?.removed ?? 0,
  });
  return [
    ...added.map((path) => stat(path, renamed.has(path) ? "RENAMED" : "ADDED", byPath.get(path))),
    ...modified.map((path) => stat(path, "MODIFIED", byPath.get(path))),
    ...removed.map((path) => stat(path, "REMOVED", byPath.get(path))),
  ]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((fields) => record("DiffStat", fields));
}
