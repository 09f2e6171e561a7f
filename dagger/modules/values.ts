import { SluiceError } from "../core/error.ts";
import { isNode, type Node } from "../core/node.ts";
import { ModuleObject } from "./module-object.ts";
import type { ModuleRuntime } from "./runtime.ts";
import type { ModuleDef, TypeRef } from "./typedefs.ts";

/**
 * Translates values between the API and the SDK. The SDK's side is JSON: core objects and interfaces
 * are ids, the module's own objects are their state, enum members go by the author's names.
 */
export class Values {
  constructor(
    private readonly module: ModuleDef,
    private readonly runtime: ModuleRuntime,
  ) {}

  /** An argument as the executor hands it over; `where` names it in errors. */
  toSdk(value: unknown, type: TypeRef, where: string): unknown {
    if (value === null || value === undefined) return null;
    switch (type.kind) {
      case "LIST":
        if (!Array.isArray(value)) throw wrongType(where, "a list", value);
        return value.map((item, index) => this.toSdk(item, type.element, `${where}[${index}]`));
      case "OBJECT":
        if (!isNode(value) || value.typeName !== type.name)
          throw wrongType(where, `a ${type.name}`, value);
        return value instanceof ModuleObject ? value.state : this.runtime.session.idOf(value);
      case "INTERFACE":
        if (!isNode(value)) throw wrongType(where, `a ${type.name}`, value);
        this.#mustImplement(value, type.name, where);
        return this.runtime.session.idOf(value);
      case "ENUM":
        return this.#member(type.name, "name", value)?.originalName ?? value;
      default:
        return value;
    }
  }

  /** A result or a field of an object's state. */
  fromSdk(value: unknown, type: TypeRef, where: string): unknown {
    if (value === null || value === undefined) return type.optional ? null : zeroOf(type);
    switch (type.kind) {
      case "VOID":
        return null;
      case "LIST":
        if (!Array.isArray(value)) throw wrongType(where, "a list", value);
        return value.map((item, index) => this.fromSdk(item, type.element, `${where}[${index}]`));
      case "OBJECT":
        return this.#object(value, type.name, where);
      case "INTERFACE": {
        if (typeof value !== "string") throw wrongType(where, `a ${type.name}`, value);
        const node = this.runtime.session.load(value);
        this.#mustImplement(node, type.name, where);
        return node;
      }
      case "ENUM":
        return (
          (
            this.#member(type.name, "originalName", value) ??
            this.#member(type.name, "value", value)
          )?.name ?? value
        );
      case "STRING":
        if (typeof value !== "string") throw wrongType(where, "a string", value);
        return value;
      case "INTEGER":
        if (!Number.isSafeInteger(value)) throw wrongType(where, "an integer", value);
        return value;
      case "FLOAT":
        if (typeof value !== "number") throw wrongType(where, "a number", value);
        return value;
      case "BOOLEAN":
        if (typeof value !== "boolean") throw wrongType(where, "a boolean", value);
        return value;
      case "SCALAR":
        return value;
    }
  }

  #object(value: unknown, name: string, where: string): Node {
    const definition = this.module.objects.find((object) => object.name === name);
    if (definition && typeof value === "object" && !Array.isArray(value)) {
      return new ModuleObject(this.runtime, definition, value as Record<string, unknown>);
    }
    if (typeof value !== "string") throw wrongType(where, `a ${name}`, value);
    const node = this.runtime.session.load(value);
    if (node.typeName !== name) throw wrongType(where, `a ${name}`, node);
    return node;
  }

  #member(enumName: string, by: "name" | "originalName" | "value", value: unknown) {
    const definition = this.module.enums.find((item) => item.name === enumName);
    return definition?.members.find((member) => member[by] === value);
  }

  #mustImplement(node: Node, name: string, where: string): void {
    const wanted = this.module.interfaces.find((item) => item.name === name);
    const object = node instanceof ModuleObject ? node.definition : undefined;
    const missing = wanted?.functions.find(
      (fn) =>
        ![...(object?.functions ?? []), ...(object?.fields ?? [])].some(
          (has) => has.name === fn.name,
        ),
    );
    if (!missing) return;
    throw new SluiceError(
      "WRONG_TYPE",
      `${where}: type ${node.typeName} does not implement interface ${name}: it has no ${missing.name}`,
    );
  }
}

/** What the API answers for a field that the object never set. */
function zeroOf(type: TypeRef): unknown {
  switch (type.kind) {
    case "STRING":
      return "";
    case "INTEGER":
    case "FLOAT":
      return 0;
    case "BOOLEAN":
      return false;
    case "LIST":
      return [];
    default:
      return null;
  }
}

function wrongType(where: string, expected: string, value: unknown): SluiceError {
  const got = isNode(value) ? `a ${value.typeName}` : JSON.stringify(value);
  return new SluiceError(
    "WRONG_TYPE",
    `${where}: expected ${expected}, got ${got.length > 100 ? `${got.slice(0, 100)}…` : got}`,
  );
}
