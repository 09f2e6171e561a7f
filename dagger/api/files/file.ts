import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import type { FileEntry } from "../../content/tree.ts";
import type { Directory } from "./directory.ts";

/** A file by recipe. */
export class File implements Node {
  readonly typeName = "File";

  constructor(
    readonly session: Session,
    readonly key: string,
    /** Base name. */
    readonly name: string,
    private readonly load: () => Promise<FileEntry>,
    /** The directory it was taken from, whose user names `chown` may use. */
    readonly home?: Directory,
  ) {}

  /** A new file with the given bytes. */
  static ofBytes(session: Session, name: string, bytes: Uint8Array, mode = 0o644): File {
    const key = keyOf("file", name, Buffer.from(bytes).toString("base64"), mode);
    return new File(session, key, name, async () => ({
      kind: "file",
      mode,
      uid: 0,
      gid: 0,
      mtime: 0,
      blob: await session.store.putBytes(bytes),
    }));
  }

  entry(): Promise<FileEntry> {
    return this.session.once(keyOf("entry-of", this.key), this.load);
  }

  async bytes(): Promise<Buffer> {
    return this.session.store.bytes((await this.entry()).blob.digest);
  }

  derive(
    parts: readonly (string | number | boolean | undefined)[],
    change: (entry: FileEntry) => FileEntry | Promise<FileEntry>,
    name = this.name,
  ): File {
    return new File(this.session, keyOf("file", this.key, parts), name, async () =>
      change(await this.entry()),
    );
  }
}
