import { posix } from "node:path";
import { z } from "zod";
import { Tree, type Entry } from "../../content/tree.ts";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import { field, plain, type TypeDefinition } from "../define.ts";
import { Directory } from "../files/directory.ts";
import { File } from "../files/file.ts";
import { filterOf } from "../files/filters.ts";
import { followsLinks, isOfType, statOf } from "../files/stat.ts";
import type { Container } from "./container.ts";
import { absolute, entryOf, ownerOf, putAt, readEntry, readTree } from "./paths.ts";
import { removePaths } from "./rootfs.ts";
import type { ContainerState } from "./state.ts";

const path = z.string();
const flag = z.boolean().optional();
const owner = z.string().optional();
const patterns = z.array(z.string()).optional();
const permissions = z.number().int().min(0).max(0o7777).optional();

/** Reading and changing the file system. */
export const containerFileFields: TypeDefinition<Container> = {
  directory: field({ path, expand: flag }, (self, args) => {
    const key = keyOf("container-directory", self.key, args.path, args.expand);
    return new Directory(
      self.session,
      key,
      async () => {
        const state = await self.state();
        return readTree(state, absolute(state, args.path, args.expand));
      },
      posix.basename(args.path),
    );
  }),
  rootfs: plain(
    (self) =>
      new Directory(self.session, keyOf("rootfs", self.key), async () => {
        const found = await (await self.state()).rootfs.read("/");
        return found.kind === "directory" ? found.tree : Tree.empty;
      }),
  ),
  file: field({ path, expand: flag }, (self, args) => {
    const key = keyOf("container-file", self.key, args.path, args.expand);
    return new File(self.session, key, posix.basename(args.path), async () => {
      const state = await self.state();
      return readEntry(state, absolute(state, args.path, args.expand));
    });
  }),
  exists: field(
    { path, expectedType: z.string().optional(), doNotFollowSymlinks: flag, expand: flag },
    async (self, args) => {
      const state = await self.state();
      const entry = await entryOf(
        state,
        absolute(state, args.path, args.expand),
        followsLinks(args),
      );
      return isOfType(entry, args.expectedType);
    },
  ),
  stat: field({ path, doNotFollowSymlinks: flag }, async (self, args) => {
    const state = await self.state();
    const target = absolute(state, args.path);
    const entry = await entryOf(state, target, followsLinks(args));
    if (entry) return statOf(posix.basename(target), entry);
    throw new SluiceError("PATH_NOT_FOUND", `${args.path}: no such file or directory`);
  }),

  withDirectory: field(
    {
      path,
      source: z.instanceof(Directory),
      exclude: patterns,
      include: patterns,
      gitignore: flag,
      owner,
      permissions,
      expand: flag,
    },
    (self, { source, ...args }) =>
      self.derive(["withDirectory", source.key, JSON.stringify(args)], async (state) => {
        const ownership = await ownerOf(self, state, args.owner);
        const load = async () => {
          const from = await source.tree();
          return Tree.empty.withTree("", from, {
            ...(await filterOf(self.session, from, args)),
            owner: ownership,
            permissions: args.permissions,
          });
        };
        const target = absolute(state, args.path, args.expand);
        return {
          ...putAt(state, target, keyOf(source.key, JSON.stringify(args)), load),
          imageRef: null,
        };
      }),
  ),
  withFile: field(
    { path, source: z.instanceof(File), permissions, owner, expand: flag },
    (self, { source, ...args }) =>
      self.derive(["withFile", source.key, JSON.stringify(args)], (state) =>
        putFile(self, state, args.path, source, args),
      ),
  ),
  withFiles: field(
    { path, sources: z.array(z.instanceof(File)), permissions, owner, expand: flag },
    (self, { sources, ...args }) =>
      self.derive(
        ["withFiles", ...sources.map((source) => source.key), JSON.stringify(args)],
        async (state) => {
          let result = state;
          for (const source of sources) {
            result = await putFile(
              self,
              result,
              `${args.path.replace(/\/+$/, "")}/${source.name}`,
              source,
              args,
            );
          }
          return result;
        },
      ),
  ),
  withNewFile: field(
    { path, contents: z.string(), permissions, owner, expand: flag },
    (self, { contents, ...args }) => {
      const source = File.ofBytes(
        self.session,
        posix.basename(args.path),
        Buffer.from(contents),
        args.permissions ?? 0o644,
      );
      return self.derive(["withNewFile", source.key, JSON.stringify(args)], (state) =>
        putFile(self, state, args.path, source, args),
      );
    },
  ),
  withSymlink: field({ target: z.string(), linkName: z.string(), expand: flag }, (self, args) =>
    self.derive(["withSymlink", JSON.stringify(args)], (state) => {
      const link = absolute(state, args.linkName, args.expand);
      const entry: Entry = {
        kind: "symlink",
        target: args.target,
        mode: 0o777,
        uid: 0,
        gid: 0,
        mtime: 0,
      };
      return putEntry(state, link, keyOf("symlink", args.target), async () => entry);
    }),
  ),
  withoutFile: field({ path, expand: flag }, (self, args) =>
    without(self, [args.path], args.expand),
  ),
  withoutFiles: field({ paths: z.array(z.string()), expand: flag }, (self, args) =>
    without(self, args.paths, args.expand),
  ),
  withoutDirectory: field({ path, expand: flag }, (self, args) =>
    without(self, [args.path], args.expand),
  ),
};

async function putFile(
  self: Container,
  state: ContainerState,
  path: string,
  source: File,
  options: { permissions?: number; owner?: string; expand?: boolean },
): Promise<ContainerState> {
  const ownership = await ownerOf(self, state, options.owner);
  const target = absolute(state, path.endsWith("/") ? path + source.name : path, options.expand);
  const key = keyOf(source.key, options.permissions, ownership?.uid, ownership?.gid);
  return putEntry(state, target, key, async () => {
    const entry = await source.entry();
    return { ...entry, ...ownership, mode: options.permissions ?? entry.mode };
  });
}

function putEntry(
  state: ContainerState,
  target: string,
  key: string,
  load: () => Promise<Entry>,
): ContainerState {
  const name = posix.basename(target);
  const tree = async () => Tree.of([[name, await load()]]);
  const mounted = state.mounts.find((mount) => mount.path === target);
  if (mounted?.kind === "file") {
    const file = mounted.file.derive(["put", key], async (before) => {
      const entry = await load();
      return entry.kind === "file" ? entry : before;
    });
    const mounts = state.mounts.map((mount) => (mount === mounted ? { ...mounted, file } : mount));
    return { ...state, mounts, imageRef: null };
  }
  return { ...putAt(state, posix.dirname(target), keyOf(name, key), tree), imageRef: null };
}

function without(self: Container, paths: string[], expand?: boolean): Container {
  return self.derive(["without", expand, ...paths], async (state) => {
    let { mounts } = state;
    const fromRootfs: string[] = [];
    for (const path of paths.map((item) => absolute(state, item, expand))) {
      const mount = mounts.find(
        (item) => path.startsWith(`${item.path}/`) && item.kind === "directory",
      );
      if (mount?.kind !== "directory") {
        fromRootfs.push(...(await expandGlob(state, path)));
        continue;
      }
      const inner = posix.relative(mount.path, path);
      const directory = mount.directory.derive(["without", inner], (tree) => tree.without([inner]));
      mounts = mounts.map((item) => (item === mount ? { ...mount, directory } : item));
    }
    const rootfs =
      fromRootfs.length > 0 ? state.rootfs.with([removePaths(fromRootfs)]) : state.rootfs;
    return { ...state, mounts, rootfs, imageRef: null };
  });
}

/** Paths that a pattern in the last part of a path matches; a plain path is itself. */
async function expandGlob(state: ContainerState, path: string): Promise<string[]> {
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  if (!/[*?[]/.test(name)) return [path];
  if ((await entryOf(state, folder, true))?.kind !== "directory") return [];
  const tree = await readTree(state, folder);
  return tree.glob(name).map((match) => posix.join(folder, match));
}
