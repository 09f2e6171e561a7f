import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { treeToHost } from "../../content/host.ts";
import type { Entry, Tree } from "../../content/tree.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { hostPath } from "../host/path.ts";
import { diffStats } from "./diff-stats.ts";
import { Directory } from "./directory.ts";
import { File } from "./file.ts";
import { makePatch } from "./patch.ts";

/** The difference between two directories: what was added, modified and removed. */
export class Changeset implements Node {
  readonly typeName = "Changeset";
  readonly key: string;

  constructor(
    readonly session: Session,
    readonly before: Directory,
    readonly after: Directory,
  ) {
    this.key = keyOf("changeset", before.key, after.key);
  }

  static empty(session: Session): Changeset {
    return new Changeset(session, Directory.empty(session), Directory.empty(session));
  }

  async paths(): Promise<{ added: string[]; modified: string[]; removed: string[] }> {
    const [before, after] = await Promise.all([this.before.tree(), this.after.tree()]);
    return after.changes(before);
  }

  /** The added and modified entries alone. */
  async layer(): Promise<Tree> {
    const [before, after] = await Promise.all([this.before.tree(), this.after.tree()]);
    return before.diff(after);
  }

  async applyTo(tree: Tree): Promise<Tree> {
    const { removed } = await this.paths();
    return tree
      .without(removed.map((path) => path.replace(/\/$/, "")))
      .withTree("", await this.layer(), {});
  }
}

export const changesetFields: TypeDefinition<Changeset> = {
  sync: plain(async (self) => (await self.paths(), self)),
  before: plain((self) => self.before),
  after: plain((self) => self.after),
  layer: plain((self) => new Directory(self.session, keyOf("layer", self.key), () => self.layer())),
  addedPaths: plain(async (self) => (await self.paths()).added),
  modifiedPaths: plain(async (self) => (await self.paths()).modified),
  removedPaths: plain(async (self) => (await self.paths()).removed),
  isEmpty: plain(async (self) =>
    Object.values(await self.paths()).every((paths) => paths.length === 0),
  ),
  diffStats: plain(diffStats),
  asPatch: plain(
    (self) =>
      new File(self.session, keyOf("patch", self.key), "changes.patch", async () => {
        const patch = await makePatch(
          self.session,
          await self.before.tree(),
          await self.after.tree(),
        );
        return {
          kind: "file",
          mode: 0o644,
          uid: 0,
          gid: 0,
          mtime: 0,
          blob: await self.session.store.putBytes(Buffer.from(patch)),
        };
      }),
  ),
  withChangeset: field(
    {
      changes: z.lazy(() => z.instanceof(Changeset)),
      onConflict: z.enum(["FAIL", "FAIL_EARLY", "PREFER_OURS", "PREFER_THEIRS"]).default("FAIL"),
    },
    (self, args) => merge(self, [args.changes], args.onConflict),
  ),
  withChangesets: field(
    {
      changes: z.lazy(() => z.array(z.instanceof(Changeset))),
      onConflict: z.enum(["FAIL", "FAIL_EARLY"]).default("FAIL"),
    },
    (self, args) => merge(self, args.changes, args.onConflict),
  ),
  export: field({ path: z.string() }, async (self, args, { caller, session }) => {
    const target = hostPath(caller, args.path);
    const { removed } = await self.paths();
    await treeToHost(session.store, await self.layer(), target, {});
    for (const path of removed) await rm(join(target, path), { recursive: true, force: true });
    return target;
  }),
};

/** Applies other changesets on top. Two changes of one path that end differently are a conflict. */
function merge(self: Changeset, others: Changeset[], onConflict: string): Changeset {
  const parts = ["merge", onConflict, ...others.map((other) => other.key)];
  const after = self.after.derive(parts, async (tree) => {
    let merged = tree;
    const touched = new Set(await touchedPaths(self));
    for (const other of others) {
      const theirs = await other.after.tree();
      const paths = await touchedPaths(other);
      const conflicts = paths.filter(
        (path) => touched.has(path) && !sameEntry(merged.get(path), theirs.get(path)),
      );
      if (conflicts.length > 0 && onConflict.startsWith("FAIL")) {
        throw new SluiceError("MERGE_CONFLICT", `conflicting changes to ${conflicts.join(", ")}`, {
          hint: "Pass onConflict to prefer one side, or change the paths in one changeset only.",
        });
      }
      const ours = merged;
      merged = await other.applyTo(merged);
      if (onConflict !== "PREFER_OURS") continue;
      merged = merged.without(conflicts).withTree("", ours.filter({ include: conflicts }), {});
    }
    return merged;
  });
  return new Changeset(self.session, self.before, after);
}

async function touchedPaths(changes: Changeset): Promise<string[]> {
  const { added, modified, removed } = await changes.paths();
  return [...added, ...modified, ...removed].filter((path) => !path.endsWith("/"));
}

const sameEntry = (a: Entry | undefined, b: Entry | undefined): boolean =>
  a?.kind === b?.kind &&
  (a?.kind !== "file" || b?.kind !== "file" || a.blob.digest === b.blob.digest);
