import { UsageError } from "./usage-error.ts";
import { isOn, type Flag } from "./grammar/flags.ts";
import { progressModes } from "./progress/choose.ts";
import type { Verbosity } from "./progress/view.ts";

/** Options that every command understands. */
export const globalFlags: readonly Flag[] = [
  {
    name: "engine",
    type: "string",
    description: "Engine to run on: auto, dagger or embedded",
    defaultText: "auto",
  },
  {
    name: "progress",
    type: "string",
    description: `Progress output format (${progressModes.slice(0, 5).join(", ")})`,
    defaultText: "auto",
  },
  { name: "quiet", short: "q", isSwitch: true, description: "Show failures only" },
  { name: "silent", short: "s", isSwitch: true, description: "Do not show progress at all" },
  {
    name: "verbose",
    short: "v",
    isSwitch: true,
    description: "Show all tasks and their output, and which engine is used",
  },
  { name: "debug", short: "d", isSwitch: true, hidden: true, description: "The same as --verbose" },
  {
    name: "auto-apply",
    short: "y",
    isSwitch: true,
    description: "Apply changes to your files without asking",
  },
  { name: "workdir", type: "string", hidden: true, description: "Set the working directory" },
  { name: "help", short: "h", isSwitch: true, hidden: true, description: "Print usage" },
];

/** For commands that load a module. */
export const moduleFlag: Flag = {
  name: "mod",
  short: "m",
  type: "string",
  description:
    "Module to load: a directory; by default the nearest dagger.json, else Sluice's own module",
};

export type EngineChoice = "auto" | "dagger" | "embedded";

export interface GlobalOptions {
  engine: EngineChoice;
  progress: string;
  verbosity: Verbosity;
  autoApply: boolean;
  help: boolean;
  workdir?: string;
  mod?: string;
}

/** Makes sense of option values; `env` supplies what was not given. Throws UsageError. */
export function readOptions(
  values: ReadonlyMap<string, string[]>,
  env: NodeJS.ProcessEnv,
): GlobalOptions {
  const parsed = { values: new Map(values) };
  const last = (name: string) => values.get(name)?.at(-1);
  const quiet = isOn(parsed, "quiet");
  const verbose = isOn(parsed, "verbose") || isOn(parsed, "debug");
  const silent = isOn(parsed, "silent");
  return {
    engine: engineChoice(last("engine") ?? (env.SLUICE_ENGINE || "auto")),
    progress: silent ? "none" : (last("progress") ?? (env.SLUICE_PROGRESS || "auto")),
    verbosity: verbose ? "verbose" : quiet ? "quiet" : "normal",
    autoApply: isOn(parsed, "auto-apply"),
    help: isOn(parsed, "help"),
    workdir: last("workdir"),
    mod: last("mod"),
  };
}

function engineChoice(name: string): EngineChoice {
  if (name === "auto" || name === "dagger" || name === "embedded") return name;
  throw new UsageError(`unknown engine ${JSON.stringify(name)}: expected auto, dagger or embedded`);
}
