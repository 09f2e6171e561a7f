import { CommandError } from "./commandError.ts";

type Table = Record<string, unknown>;

const KEY = /^[\w-]+$/;

/**
 * The part of TOML that the tests' configurations are written in: tables, arrays of tables, and
 * keys with strings, numbers, booleans and arrays of them on one line. Anything else is an error.
 */
export function parseToml(text: string): Table {
  const root: Table = {};
  let table = root;
  for (const [number, raw] of text.split("\n").entries()) {
    const line = raw.replace(/^((?:[^"'#]|"[^"]*"|'[^']*')*)#.*$/, "$1").trim();
    if (line === "") continue;
    const wrong = () => new CommandError(`toml: line ${number + 1}: can't read ${line}`);
    const [, open, path = ""] = /^(\[\[?)([\w.-]+)\]\]?$/.exec(line) ?? [];
    if (open !== undefined) {
      table = tableAt(root, path.split("."), open === "[[");
      continue;
    }
    const at = line.indexOf("=");
    const key = line.slice(0, at).trim();
    if (at < 0 || !KEY.test(key)) throw wrong();
    try {
      table[key] = JSON.parse(line.slice(at + 1).replaceAll("'", '"'));
    } catch {
      throw wrong();
    }
  }
  return root;
}

function tableAt(root: Table, path: readonly string[], list: boolean): Table {
  return path.reduce<Table>((table, key, index) => {
    const last = index === path.length - 1;
    const there = table[key];
    if (list && last) {
      const added = {};
      table[key] = [...(Array.isArray(there) ? (there as Table[]) : []), added];
      return added;
    }
    if (Array.isArray(there)) return there.at(-1) as Table;
    return (table[key] ??= {}) as Table;
  }, root);
}
