import { keyOf } from "../core/key.ts";
import type { Node } from "../core/node.ts";
import type { ModuleRuntime } from "./runtime.ts";
import type { ObjectDef } from "./typedefs.ts";

/** An object of a module's own type: its state as the SDK gave it, private fields included. */
export class ModuleObject implements Node {
  readonly typeName: string;
  readonly key: string;

  constructor(
    readonly runtime: ModuleRuntime,
    readonly definition: ObjectDef,
    readonly state: Readonly<Record<string, unknown>>,
  ) {
    this.typeName = definition.name;
    this.key = keyOf(
      "module-object",
      runtime.dir.key,
      definition.name,
      state as Parameters<typeof keyOf>[number],
    );
  }
}
