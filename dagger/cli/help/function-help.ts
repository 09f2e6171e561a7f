import { callable, flagsOf } from "../grammar/chain.ts";
import type { Flag } from "../grammar/flags.ts";
import { objectOf, type FunctionType, type Grammar } from "../grammar/model.ts";
import { flagRows } from "./flags.ts";
import { columns, firstLine, section, type Page } from "./layout.ts";

/** What `sluice call … --help` prints: the last function's own words, arguments and what may follow. */
export function functionHelp(
  page: Page,
  grammar: Grammar,
  fn: FunctionType,
  { command, options }: { command: string; options: readonly Flag[] },
): string {
  const flags = flagsOf(fn);
  const next = callable(objectOf(grammar, fn.returns));
  const isRoot = fn === grammar.main;
  const usage = [
    command,
    isRoot && "[options]",
    flags.length > 0 && "[arguments]",
    next.length > 0 && "<function>",
  ];
  const parts = [
    fn.description.trim(),
    section(page, "Usage", [`  ${usage.filter(Boolean).join(" ")}`]),
  ];
  if (next.length > 0) parts.push(section(page, "Functions", functionRows(page, next)));
  if (flags.length > 0) parts.push(section(page, "Arguments", flagRows(page, flags)));
  if (isRoot) parts.push(section(page, "Options", flagRows(page, options)));
  if (next.length > 0)
    parts.push(`Use "${command} [command] --help" for more information about a command.`);
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}

/** One row a function. */
export function functionRows(page: Page, functions: readonly FunctionType[]): string[] {
  return columns(
    page,
    functions.map((fn) => [fn.command, firstLine(fn.description)]),
  );
}
