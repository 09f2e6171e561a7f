import { isMap, isScalar, LineCounter, type Node, parseDocument, visit } from "yaml";

/** Keys and list positions that lead to a value. */
export type Path = readonly PropertyKey[];

/** A place in the file; both count from 1. */
export interface Position {
  line: number;
  column: number;
}

/** A YAML file that remembers where everything stood. */
export interface Document {
  /** Plain data; null for an empty file. */
  data: unknown;
  /** Faults of the YAML itself. When there are any, `data` is worth nothing. */
  faults: readonly { position: Position; message: string }[];
  /** Where a value stands; what encloses it, if it isn't there. */
  valueAt(path: Path): Position;
  /** Where the last key of the path stands. */
  keyAt(path: Path): Position;
}

/** Keys below which YAML numbers are names and texts in truth: `1.10` must not become `1.1`. */
const AS_WRITTEN = ["env", "buildArgs"];

/** Reads YAML 1.2, with anchors and merge keys. Never throws. */
export function readDocument(text: string): Document {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  keepAsWritten(document);
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const startOf = (node: unknown): Position =>
    position((node as Node | null | undefined)?.range?.[0] ?? 0);
  const keyAt = (path: Path): Position => {
    const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
    const last = path.at(-1);
    if (isMap(parent)) {
      const pair = parent.items.find(({ key }) => isScalar(key) && String(key.value) === last);
      if (pair) return startOf(pair.key);
    }
    return valueAt(path);
  };
  const valueAt = (path: Path): Position => {
    if (path.length === 0) return startOf(document.contents);
    const node = document.getIn(path, true);
    if (node !== undefined && (node as Node | null)?.range) return startOf(node);
    return path.length === 1 ? startOf(document.contents) : keyAt(path.slice(0, -1));
  };
  const faults = document.errors.map(({ message, pos }) => ({
    position: position(pos[0]),
    message: message.split("\n", 1)[0] ?? message,
  }));
  let data: unknown;
  try {
    data = faults.length > 0 ? undefined : document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    // Aliases that multiply without end, and aliases of nothing.
    faults.push({ position: position(0), message: (error as Error).message });
  }
  return { data, faults, keyAt, valueAt };
}

function keepAsWritten(document: ReturnType<typeof parseDocument>): void {
  visit(document, {
    Pair(_, { key, value }) {
      if (!isScalar(key) || !AS_WRITTEN.includes(String(key.value)) || !isMap(value)) return;
      for (const { value: item } of value.items) {
        if (isScalar(item) && item.value !== null && typeof item.value !== "string") {
          item.value = item.source;
        }
      }
    },
  });
}
