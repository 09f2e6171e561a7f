/**
 * One line of comma-separated values, as list flags take them: `a,b`, `"with, comma",c`. Doubled
 * quotes stand for one. Throws Error when the quotes don't match.
 */
export function splitCsv(text: string): string[] {
  if (text === "") return [];
  const values: string[] = [];
  let rest = text;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"(?=,|$)/s.exec(rest);
    const [whole = "", value = ""] = quoted ?? /^([^,]*)/s.exec(rest) ?? [];
    if (!quoted && value.includes('"')) throw new Error(`unmatched quote in ${text}`);
    values.push(quoted ? value.replaceAll('""', '"') : value);
    if (whole.length === rest.length) return values;
    rest = rest.slice(whole.length + 1);
  }
}
