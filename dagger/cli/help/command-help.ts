import { commands } from "../commands/index.ts";
import type { Command } from "../commands/command.ts";
import { globalFlags } from "../options.ts";
import { flagRows } from "./flags.ts";
import { columns, section, type Page } from "./layout.ts";

const exitCodes: [string, string][] = [
  ["0", "success"],
  ["1", "the function failed or refused; a failed command inside a container passes its code on"],
  ["2", "the command line can't be understood"],
  ["3", "this machine lacks something: Docker, disk space, a port"],
  ["130", "interrupted (129: hang-up, 143: terminated)"],
];

/** `sluice --help`. */
export function rootHelp(page: Page): string {
  const groups = [...new Set(commands.map((command) => command.group))].map((group) =>
    section(
      page,
      group,
      columns(
        page,
        commands
          .filter((command) => command.group === group && !command.hidden)
          .map((command) => [command.name, command.summary]),
      ),
    ),
  );
  const parts = [
    "Release container services by promoting the exact bytes that were tested.",
    section(page, "Usage", ["  sluice [options] <command>"]),
    ...groups,
    section(page, "Options", flagRows(page, globalFlags)),
    section(page, "Exit codes", columns(page, exitCodes)),
    'Use "sluice <command> --help" for more information about a command.',
  ];
  return parts.join("\n\n") + "\n";
}

/** `sluice <command> --help`, as far as no module is needed for it. */
export function commandHelp(page: Page, command: Command): string {
  const examples = command.examples?.map((line) => `  ${line}`) ?? [];
  const parts = [
    [command.summary, command.details].filter(Boolean).join("\n\n"),
    section(page, "Usage", [`  sluice ${command.name} ${command.usage}`.trimEnd()]),
    examples.length > 0 ? section(page, "Examples", examples) : "",
    section(page, "Options", flagRows(page, [...command.flags, ...globalFlags])),
  ];
  return parts.filter((part) => part !== "").join("\n\n") + "\n";
}
