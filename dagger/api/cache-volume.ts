import { keyOf } from "../core/key.ts";
import type { Node } from "../core/node.ts";
import type { Directory } from "./files/directory.ts";
import type { Owner } from "./files/owner.ts";

/** A volume that keeps its content from one session to the next. */
export class CacheVolume implements Node {
  readonly typeName = "CacheVolume";
  readonly key: string;

  constructor(
    readonly name: string,
    readonly options: { source?: Directory; sharing?: string; owner?: Owner } = {},
  ) {
    this.key = keyOf(
      "cache-volume",
      name,
      options.source?.key,
      options.sharing,
      options.owner?.uid,
      options.owner?.gid,
    );
  }

  /** Name of Docker's volume: any key is allowed, so the volume carries its hash. */
  get volume(): string {
    return `sluice-cache-${keyOf("cache-volume", this.name, this.options.source?.key).slice(0, 24)}`;
  }
}
