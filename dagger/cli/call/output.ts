import { createHash } from "node:crypto";
import type { ValueType } from "../grammar/model.ts";

/**
 * The text of a result, as Dagger's command line prints it: values as they are, without a newline
 * of our own; each item of a list on its line; JSON with four spaces; objects as `Type@digest`.
 */
export function formatResult(value: unknown, type: ValueType, { json = false } = {}): string {
  if (type.kind === "void") return "";
  if (isObject(type)) return formatObject(value);
  if (json) return JSON.stringify(value, null, 4) + "\n";
  return plain(value);
}

/** Also true for ids, which stand for objects (`sync`). */
function isObject(type: ValueType): boolean {
  if (type.kind === "list") return isObject(type.of);
  return type.kind === "object" || (type.kind === "scalar" && type.name === "ID");
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `${plain(item)}\n`).join("");
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return Object.values(value).map(plain).join("");
  return typeof value === "string" ? value : JSON.stringify(value);
}

function formatObject(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `- ${formatObject(item)}`).join("");
  if (typeof value === "object" && value !== null)
    return Object.values(value).map(formatObject).join("");
  if (typeof value !== "string") return "";
  const [typeName = ""] = Buffer.from(value, "base64url").toString("utf8").split(":");
  return `${typeName}@sha256:${createHash("sha256").update(value).digest("hex")}\n`;
}
