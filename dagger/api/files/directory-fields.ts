import { z } from "zod";
import { treeToHost } from "../../content/host.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { hostPath } from "../host/path.ts";
import { Changeset } from "./changeset.ts";
import { Directory } from "./directory.ts";
import { File } from "./file.ts";
import { filterOf } from "./filters.ts";
import { resolveOwner } from "./owner.ts";
import { applyPatch } from "./patch.ts";
import { searchArgs, searchTree } from "./search.ts";
import { entryAt, findEntry, followsLinks, isOfType, statOf } from "./stat.ts";

const path = z.string();
const patterns = z.array(z.string()).optional();
const permissions = z.number().int().min(0).max(0o7777).optional();
const directory = z.instanceof(Directory);
const file = z.instanceof(File);

const basename = (value: string): string => value.replace(/\/+$/, "").split("/").pop() ?? "";

const ownerIn = (self: Directory, owner: string) => resolveOwner(owner, (at) => self.text(at));

export const directoryFields: TypeDefinition<Directory> = {
  sync: plain(async (self) => (await self.tree(), self)),
  name: plain((self) => (self.name === "/" ? "/" : `${self.name}/`)),
  digest: plain(async (self) => `sha256:${(await self.tree()).digest()}`),
  entries: field({ path: path.optional() }, async (self, args) =>
    (await self.tree()).list(args.path ?? ""),
  ),
  glob: field({ pattern: z.string() }, async (self, args) =>
    (await self.tree()).glob(args.pattern),
  ),
  exists: field(
    { path, expectedType: z.string().optional(), doNotFollowSymlinks: z.boolean().optional() },
    async (self, args) =>
      isOfType(findEntry(await self.tree(), args.path, followsLinks(args)), args.expectedType),
  ),
  stat: field({ path, doNotFollowSymlinks: z.boolean().optional() }, async (self, args) => {
    const entry = entryAt(await self.tree(), args.path, args.doNotFollowSymlinks !== true);
    return statOf(basename(args.path), entry);
  }),
  search: field({ ...searchArgs, paths: patterns, globs: patterns }, async (self, args) =>
    searchTree(self.session, await self.tree(), args),
  ),
  findUp: field({ name: z.string(), start: z.string() }, async (self, args) => {
    if (args.name === "") throw new SluiceError("INVALID_ARGUMENT", "name cannot be empty");
    const tree = await self.tree();
    const parts = args.start.split("/").filter((part) => part !== "" && part !== ".");
    for (let depth = parts.length; depth >= 0; depth--) {
      const candidate = [...parts.slice(0, depth), args.name].join("/");
      if (tree.get(candidate)) return candidate;
    }
    return null;
  }),

  directory: field({ path }, (self, args) => {
    const key = keyOf("subdirectory", self.key, args.path);
    const load = async () => (await self.tree()).subtree(args.path);
    return new Directory(self.session, key, load, basename(args.path));
  }),
  file: field({ path }, (self, args) => {
    const key = keyOf("directory-file", self.key, args.path);
    const load = async () => {
      const entry = entryAt(await self.tree(), args.path, true);
      if (entry.kind === "file") return entry;
      throw new SluiceError("NOT_A_FILE", `path ${args.path} is a ${entry.kind}, not a file`);
    };
    return new File(self.session, key, basename(args.path), load, self);
  }),

  withDirectory: field(
    {
      path,
      source: directory,
      exclude: patterns,
      include: patterns,
      gitignore: z.boolean().optional(),
      owner: z.string().optional(),
      permissions,
    },
    (self, { source, owner, ...args }) =>
      self.derive(
        [
          "withDirectory",
          args.path,
          source.key,
          JSON.stringify([args.include, args.exclude, args.gitignore]),
          owner,
          args.permissions,
        ],
        async (tree) => {
          const from = await source.tree();
          return tree.withTree(args.path, from, {
            ...(await filterOf(self.session, from, args)),
            permissions: args.permissions,
            owner: owner ? await ownerIn(self, owner) : undefined,
          });
        },
      ),
  ),
  withFile: field({ path, source: file, permissions, owner: z.string().optional() }, (self, args) =>
    self.derive(
      ["withFile", args.path, args.source.key, args.permissions, args.owner],
      async (tree) =>
        tree.withFile(args.path, await args.source.entry(), {
          permissions: args.permissions,
          owner: args.owner ? await ownerIn(self, args.owner) : undefined,
          name: args.source.name,
        }),
    ),
  ),
  withFiles: field({ path, sources: z.array(file), permissions }, (self, args) =>
    self.derive(
      ["withFiles", args.path, args.permissions, ...args.sources.map((source) => source.key)],
      async (tree) => {
        let result = tree;
        for (const source of args.sources) {
          const target = `${args.path.replace(/\/+$/, "")}/${source.name}`;
          result = result.withFile(target, await source.entry(), { permissions: args.permissions });
        }
        return result;
      },
    ),
  ),
  withNewFile: field({ path, contents: z.string(), permissions }, (self, args) => {
    const source = File.ofBytes(
      self.session,
      basename(args.path),
      Buffer.from(args.contents),
      args.permissions,
    );
    return self.derive(["withNewFile", args.path, source.key], async (tree) =>
      tree.withFile(args.path, await source.entry(), { exact: true }),
    );
  }),
  withNewDirectory: field({ path, permissions }, (self, args) =>
    self.derive(["withNewDirectory", args.path, args.permissions], (tree) =>
      tree.withNewDirectory(args.path, args.permissions ?? 0o755),
    ),
  ),
  withSymlink: field({ target: z.string(), linkName: z.string() }, (self, args) =>
    self.derive(["withSymlink", args.target, args.linkName], (tree) =>
      tree.withSymlink(args.target, args.linkName),
    ),
  ),
  withTimestamps: field({ timestamp: z.number().int() }, (self, args) =>
    self.derive(["withTimestamps", args.timestamp], (tree) => tree.withTimestamps(args.timestamp)),
  ),
  chown: field({ path, owner: z.string() }, (self, args) =>
    self.derive(["chown", args.path, args.owner], async (tree) => {
      const { uid, gid } = await ownerIn(self, args.owner);
      return tree.chown(args.path, uid, gid);
    }),
  ),
  withoutFile: field({ path }, (self, args) =>
    self.derive(["without", args.path], (tree) => tree.without([args.path])),
  ),
  withoutFiles: field({ paths: z.array(z.string()) }, (self, args) =>
    self.derive(["without", ...args.paths], (tree) => tree.without(args.paths)),
  ),
  withoutDirectory: field({ path }, (self, args) =>
    self.derive(["without", args.path], (tree) => tree.without([args.path])),
  ),
  filter: field(
    { exclude: patterns, include: patterns, gitignore: z.boolean().optional() },
    (self, args) =>
      self.derive(["filter", JSON.stringify(args)], async (tree) =>
        tree.filter(await filterOf(self.session, tree, args)),
      ),
  ),
  diff: field({ other: directory }, (self, args) =>
    self.derive(["diff", args.other.key], async (tree) => tree.diff(await args.other.tree())),
  ),
  changes: field({ from: directory }, (self, args) => new Changeset(self.session, args.from, self)),
  withChanges: field({ changes: z.instanceof(Changeset) }, (self, args) =>
    self.derive(["withChanges", args.changes.key], (tree) => args.changes.applyTo(tree)),
  ),
  withPatch: field({ patch: z.string() }, (self, args) =>
    self.derive(["withPatch", args.patch], (tree) => applyPatch(self.session, tree, args.patch)),
  ),
  withPatchFile: field({ patch: file }, (self, args) =>
    self.derive(["withPatchFile", args.patch.key], async (tree) =>
      applyPatch(self.session, tree, (await args.patch.bytes()).toString("utf8")),
    ),
  ),
  withError: field({ err: z.string() }, (self, args) =>
    self.derive(["withError", args.err], (tree) => {
      if (args.err !== "") throw new SluiceError("USER_ERROR", args.err);
      return tree;
    }),
  ),
  export: field({ path, wipe: z.boolean().optional() }, async (self, args, { caller, session }) => {
    const target = hostPath(caller, args.path);
    await treeToHost(session.store, await self.tree(), target, { wipe: args.wipe });
    return target;
  }),
};
