import { posix } from "node:path";
import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import { Tree, type Entry, type FileEntry } from "../../content/tree.ts";
import { Directory } from "../files/directory.ts";
import { File } from "../files/file.ts";
import { resolveOwner, type Owner } from "../files/owner.ts";
import { findEntry } from "../files/stat.ts";
import type { Container } from "./container.ts";
import type { ExecRun } from "./exec.ts";
import { findIn, imageEntry, putTree, type Found, type Rootfs } from "./rootfs.ts";
import { expandVariables, type ContainerState, type Mount } from "./state.ts";

/** Absolute form of a path: relative ones start at the working directory. */
export function absolute(state: ContainerState, path: string, expand?: boolean): string {
  const text = expand ? expandVariables(path, state) : path;
  return posix.resolve("/", state.config.workdir || "/", text);
}

function mountAt(state: ContainerState, path: string): Mount | undefined {
  return state.mounts
    .filter((mount) => path === mount.path || path.startsWith(mount.path.replace(/\/*$/, "/")))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** Reads an absolute path of a container, mounted directories and files included. */
export async function readPath(state: ContainerState, path: string): Promise<Found> {
  const mount = mountAt(state, path);
  if (!mount) return state.rootfs.read(path);
  if (mount.kind === "directory")
    return findIn(await mount.directory.tree(), posix.relative(mount.path, path));
  if (mount.kind === "file") return { kind: "file", entry: await mount.file.entry() };
  if (mount.kind === "secret")
    throw new SluiceError("PATH_NOT_FOUND", `${path}: no such file or directory`);
  const shown = { temp: "tmpfs", cache: "cache", socket: "socket" }[mount.kind];
  throw new SluiceError("PATH_NOT_READABLE", `${path}: cannot retrieve path from ${shown}`, {
    hint: `Copy what you need out of the ${mount.kind} mount in a withExec.`,
  });
}

/** What is at an absolute path, mounts included; links are followed unless told not to. */
export async function entryOf(
  state: ContainerState,
  path: string,
  followLast: boolean,
): Promise<Entry | undefined> {
  let at = path;
  for (let hops = 0; hops < 40; hops++) {
    const mount = mountAt(state, at);
    const entry =
      mount?.kind === "directory"
        ? findEntry(await mount.directory.tree(), posix.relative(mount.path, at), false)
        : mount?.kind === "file"
          ? await mount.file.entry()
          : await state.rootfs.entry(at);
    if (entry?.kind !== "symlink" || !followLast) return entry;
    at = posix.resolve(posix.dirname(at), entry.target);
  }
  return undefined;
}

/** True also for mounts that can't be looked into. */
export async function isFolder(state: ContainerState, path: string): Promise<boolean> {
  const mount = mountAt(state, path);
  if (path === "/" || mount?.path === path || mount?.kind === "temp" || mount?.kind === "cache")
    return mount?.kind !== "file" && mount?.kind !== "secret" && mount?.kind !== "socket";
  return (await entryOf(state, path, true))?.kind === "directory";
}

export async function readTree(state: ContainerState, path: string): Promise<Tree> {
  const found = await readPath(state, path);
  if (found.kind === "directory") return found.tree;
  throw new SluiceError("NOT_A_DIRECTORY", `path ${path} is a file, not a directory`);
}

export async function readEntry(state: ContainerState, path: string): Promise<FileEntry> {
  const found = await readPath(state, path);
  if (found.kind === "file") return found.entry;
  throw new SluiceError("NOT_A_FILE", `path ${path} is a directory, not a file`);
}

/** Owner by name or number; undefined leaves ownership as it is. */
export async function ownerOf(
  container: Container,
  state: ContainerState,
  owner: string | undefined,
): Promise<Owner | undefined> {
  if (!owner) return undefined;
  return resolveOwner(owner, async (path) => {
    const entry = await readEntry(state, path);
    return (await container.session.store.bytes(entry.blob.digest)).toString("utf8");
  });
}

/**
 * Puts a tree at an absolute path: into the mounted directory that covers the path, as a process in
 * the container would see it, else into the root file system.
 */
export function putAt(
  state: ContainerState,
  path: string,
  key: string,
  load: () => Promise<Tree>,
): ContainerState {
  const mount = mountAt(state, path);
  if (mount?.kind !== "directory")
    return { ...state, rootfs: state.rootfs.with([putTree(path, load)]) };
  const inner = posix.relative(mount.path, path);
  const directory = mount.directory.derive(["put", inner, key], async (tree) =>
    tree.withTree(inner, await load(), {}),
  );
  return {
    ...state,
    mounts: state.mounts.map((item) => (item === mount ? { ...mount, directory } : item)),
  };
}

/** The root file system after a command. */
export class ExecRootfs implements Rootfs {
  constructor(
    private readonly run: ExecRun,
    private readonly change: (changes: Parameters<Rootfs["with"]>[0]) => Rootfs,
  ) {}

  key = async (): Promise<string> => keyOf("exec-rootfs", await this.run.key());
  image = async (): Promise<string> => (await this.run.outcome()).image();
  read = async (path: string): Promise<Found> => (await this.run.outcome()).read(path);
  entry = async (path: string): Promise<Entry | undefined> =>
    imageEntry(this.run.session, await this.image(), path);
  with(changes: Parameters<Rootfs["with"]>[0]): Rootfs {
    return this.change(changes);
  }
}

/** Mounts as a command leaves them: what it wrote to mounted directories and files is kept. */
export function mountsAfter(mounts: readonly Mount[], run: ExecRun): Mount[] {
  const { session } = run;
  return mounts.map((mount): Mount => {
    const key = keyOf("mount-after", run.id, mount.path);
    if (mount.kind === "directory" && !mount.readonly) {
      const directory = new Directory(session, key, async () => {
        const found = await (await run.outcome()).read(mount.path);
        return found.kind === "directory" ? found.tree : Tree.empty;
      });
      return { ...mount, directory, owner: undefined };
    }
    if (mount.kind === "file") {
      const file = new File(session, key, mount.file.name, async () => {
        const found = await (await run.outcome()).read(mount.path);
        if (found.kind === "file") return found.entry;
        throw new SluiceError("NOT_A_FILE", `path ${mount.path} is a directory, not a file`);
      });
      return { ...mount, file, owner: undefined };
    }
    return mount;
  });
}
