import { keyOf } from "../../core/key.ts";
import type { Node } from "../../core/node.ts";

/** A Unix socket of this host. */
export class Socket implements Node {
  readonly typeName = "Socket";
  readonly key: string;

  constructor(readonly path: string) {
    this.key = keyOf("socket", path);
  }
}
