import { createHash } from "node:crypto";

type KeyPart = string | number | boolean | null | undefined | readonly KeyPart[] | KeyRecord;
interface KeyRecord {
  readonly [name: string]: KeyPart;
}

/**
 * Content address of an operation: equal parts give equal keys, in this and in any later session.
 * Record keys are sorted, so the order in which arguments were written does not matter.
 */
export function keyOf(...parts: KeyPart[]): string {
  return createHash("sha256").update(canonical(parts)).digest("hex");
}

function canonical(part: KeyPart): string {
  if (Array.isArray(part)) return `[${part.map(canonical).join(",")}]`;
  if (part !== null && typeof part === "object") {
    const record = part as KeyRecord;
    const names = Object.keys(record).filter((name) => record[name] !== undefined);
    return `{${names
      .sort()
      .map((name) => `${JSON.stringify(name)}:${canonical(record[name])}`)
      .join(",")}}`;
  }
  return JSON.stringify(part ?? null);
}
