import type { Flag } from "../grammar/flags.ts";
import { columns, type Page } from "./layout.ts";

/** One row a flag: required ones first, then by name. */
export function flagRows(page: Page, flags: readonly Flag[]): string[] {
  const shown = flags
    .filter((flag) => !flag.hidden)
    .sort((a, b) => Number(b.required ?? false) - Number(a.required ?? false) || byName(a, b));
  return columns(
    page,
    shown.map(named).map((flag) => [left(flag), right(flag)]),
  );
}

/** As on Dagger's command line, the first back-quoted words of a description name the value. */
function named(flag: Flag): Flag {
  const [quoted, type] = /`([^`]*)`/.exec(flag.description) ?? [];
  if (quoted === undefined || type === undefined) return flag;
  return { ...flag, type, description: flag.description.replace(quoted, type) };
}

const byName = (a: Flag, b: Flag): number => (a.name < b.name ? -1 : 1);

function left(flag: Flag): string {
  const short = flag.short ? `-${flag.short}, ` : "    ";
  return `${short}--${flag.name}${flag.type ? ` ${flag.type}` : ""}`;
}

function right(flag: Flag): string {
  const remark = flag.defaultText === undefined ? "" : ` (default ${flag.defaultText})`;
  return `${flag.description}${remark}${flag.required ? " [required]" : ""}`.trim();
}
