import type { MountSpec } from "../../docker/types.ts";
import { keyOf } from "../../core/key.ts";
import type { Mount } from "./state.ts";

/** Content address of all mounts; cache volumes, temporaries and sockets count by name only. */
export async function mountsKey(mounts: readonly Mount[]): Promise<string> {
  const keys = await Promise.all(
    mounts.map(async (mount) => {
      switch (mount.kind) {
        case "directory":
          return keyOf(
            mount.path,
            "directory",
            (await mount.directory.tree()).key(),
            mount.readonly,
            ownerKey(mount.owner),
          );
        case "file": {
          const { blob, mode } = await mount.file.entry();
          return keyOf(mount.path, "file", blob.digest, mode, ownerKey(mount.owner));
        }
        case "secret":
          return keyOf(mount.path, "secret", mount.secret.key, mount.mode, ownerKey(mount.owner));
        case "cache":
          return keyOf(mount.path, "cache", mount.volume.volume);
        case "temp":
          return keyOf(mount.path, "temp", mount.size);
        case "socket":
          return keyOf(mount.path, "socket", mount.socket.key);
      }
    }),
  );
  return keyOf(keys);
}

/** What the runtime has to mount, contents evaluated. */
export function mountSpecs(mounts: readonly Mount[]): Promise<MountSpec[]> {
  return Promise.all(mounts.map(async (mount) => ({ path: mount.path, ...(await specOf(mount)) })));
}

async function specOf(mount: Mount): Promise<Omit<MountSpec, "path">> {
  switch (mount.kind) {
    case "directory": {
      const tree = await mount.directory.tree();
      const { owner } = mount;
      const owned = owner ? tree.chown("", owner.uid, owner.gid) : tree;
      return { source: { kind: "tree", tree: owned }, readonly: mount.readonly };
    }
    case "file":
      return { source: { kind: "file", entry: { ...(await mount.file.entry()), ...mount.owner } } };
    case "secret": {
      const content = await mount.secret.bytes();
      return {
        source: { kind: "secret", content, mode: mount.mode, ...mount.owner },
        readonly: true,
      };
    }
    case "cache": {
      const init = await mount.source?.tree();
      return { source: { kind: "cache", volume: mount.volume.volume, init, ...mount.owner } };
    }
    case "temp":
      return { source: { kind: "temp", size: mount.size } };
    case "socket":
      return { source: { kind: "socket", hostPath: mount.socket.path } };
  }
}

const ownerKey = (owner: { uid: number; gid: number } | undefined): string | null =>
  owner ? `${owner.uid}:${owner.gid}` : null;
