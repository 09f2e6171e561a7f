/** Longest text that a gate says; characters. */
const MAX_LENGTH = 1000;

/**
 * A text as one line of bounded length, without control characters: what gates repeat was written by
 * others, and is shown on terminals and kept in the ledger.
 */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
  if (line.length <= MAX_LENGTH) return line;
  // A pair of surrogates is not cut in two.
  return `${line.slice(0, MAX_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
