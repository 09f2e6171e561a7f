import type { Path, Position } from "./document.ts";

/** One thing that is wrong with a pipeline file. */
export interface Problem {
  position: Position;
  path: Path;
  /** What was found and what is expected, on one line. */
  message: string;
}

/** `services.backend.needs[1]` */
export function describePath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    if (!/^[\w$-]+$/.test(String(part))) return `${text}[${describeFound(String(part))}]`;
    return text === "" ? String(part) : `${text}.${String(part)}`;
  }, "");
}

/** `release.yaml:12:5 services.backend.port: expected a port between 1 and 65535, found 0` */
export function describeProblem(file: string, { position, path, message }: Problem): string {
  const where = `${file}:${position.line}:${position.column}`;
  return path.length === 0 ? `${where} ${message}` : `${where} ${describePath(path)}: ${message}`;
}

/** What was found, short enough for a message. Only the kind of lists and mappings is told. */
export function describeFound(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "no value";
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  if (typeof value === "object") return "a mapping";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}
