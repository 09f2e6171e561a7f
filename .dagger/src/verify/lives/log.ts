import { stripVTControlCharacters } from "node:util";
import type { LogExcerpt } from "../model.ts";

/** Lines of a log that go into the result, for what passed and for what did not. */
export const EXCERPT_LINES = { passed: 20, failed: 100 } as const;
/** Longest line that is shown whole; characters. */
const LINE = 2000;

/** The last `count` lines of a log, without colours and control characters. */
export function excerptOf(text: string, count: number): Pick<LogExcerpt, "lines" | "earlierLines"> {
  const lines = stripVTControlCharacters(text)
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, "")
    .trimEnd()
    .split("\n");
  if (lines.length === 1 && lines[0] === "") return { lines: [], earlierLines: 0 };
  const shown = lines
    .slice(-count)
    .map((line) => (line.length > LINE ? `${line.slice(0, LINE)}…` : line));
  return { lines: shown, earlierLines: lines.length - shown.length };
}
