import type { Readable } from "node:stream";
import { joinPath } from "../../content/path.ts";
import type { ContentStore } from "../../content/store.ts";
import { tarStream } from "../tar.ts";
import type { MountSource } from "../types.ts";

/** One mount's place in the volume of copies. */
export interface Slot {
  /** Name at the root of the volume. */
  slot: string;
  source: Extract<MountSource, { kind: "tree" | "file" | "secret" }>;
}

/**
 * A tar stream that makes every slot below `root`: an empty directory for a tree, the file itself for the rest.
 * Secrets go from memory to the daemon and never through the store.
 */
export function slotsTar(store: ContentStore, root: string, slots: readonly Slot[]): Readable {
  return tarStream(async (tar) => {
    for (const { slot, source } of slots) {
      const name = joinPath(root, slot);
      switch (source.kind) {
        case "tree": {
          const { mode, uid, gid } = source.tree.root;
          tar.entry({ name: `${name}/`, type: "directory", mode, uid, gid });
          break;
        }
        case "secret": {
          const { mode, uid, gid, content } = source;
          tar.file({ name, mode, uid, gid }, content);
          break;
        }
        case "file": {
          const { mode, uid, gid, mtime, blob } = source.entry;
          const header = { name, mode, uid, gid, mtime: new Date(mtime * 1000), size: blob.size };
          await tar.stream(header, store.stream(blob.digest));
        }
      }
    }
  });
}
