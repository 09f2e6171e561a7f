import { SluiceError } from "../../core/error.ts";
import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";
import type { Session } from "../../core/session.ts";
import { Tree } from "../../content/tree.ts";

/** A directory by recipe: nothing is read until its tree is asked for, and then only once. */
export class Directory implements Node {
  readonly typeName = "Directory";

  constructor(
    readonly session: Session,
    readonly key: string,
    private readonly load: () => Promise<Tree>,
    /** Base name, where it has one. */
    readonly name = "/",
  ) {}

  static empty(session: Session): Directory {
    return new Directory(session, keyOf("directory"), async () => Tree.empty);
  }

  /** A directory whose tree is already known; its key is its content. */
  static ofTree(session: Session, tree: Tree, name?: string): Directory {
    return new Directory(session, keyOf("tree", tree.key()), async () => tree, name);
  }

  tree(): Promise<Tree> {
    return this.session.once(keyOf("tree-of", this.key), this.load);
  }

  /** A new directory made from this one; `parts` must name everything that `change` depends on. */
  derive(
    parts: readonly (string | number | boolean | undefined)[],
    change: (tree: Tree) => Tree | Promise<Tree>,
  ): Directory {
    const key = keyOf("directory", this.key, parts);
    return new Directory(this.session, key, async () => change(await this.tree()), this.name);
  }

  /** Text of a file in it, such as `/etc/passwd`. Throws when there is none. */
  async text(path: string): Promise<string> {
    const entry = (await this.tree()).get(path);
    if (entry?.kind !== "file") throw new SluiceError("NOT_A_FILE", `${path} is not a file`);
    return (await this.session.store.bytes(entry.blob.digest)).toString("utf8");
  }
}
