import { locateModule } from "./locate-module.ts";
import { globalFlags, moduleFlag } from "../options.ts";
import { peekFlags } from "../grammar/peek.ts";

/** Commands of `dagger` that load a module. */
const withModule = new Set(["call", "functions", "check", "checks", "generate", "up"]);

/** Commands of `dagger` that take no arguments for a module's constructor. */
const withoutArguments = new Set(["check", "checks", "generate"]);

/** Whether Sluice's own module would see another repository than the user's through this command. */
export function hidesProject(command: string, cwd: string, mod: string | undefined): boolean {
  if (!withoutArguments.has(command)) return false;
  return mod === "sluice" || (mod === undefined && locateModule(cwd, mod).project !== undefined);
}

/**
 * The arguments for `dagger`: those given, without the launcher's own `--engine`. Where the user's
 * directory has no module, Sluice's own is named, and the directory is handed to it.
 */
export function daggerArguments(argv: readonly string[], command: string, cwd: string): string[] {
  let args = without(argv, ["--engine"]);
  if (!withModule.has(command)) return args;
  const mod = peekFlags(args, [...globalFlags, moduleFlag])
    .get("mod")
    ?.at(-1);
  if (mod !== undefined && mod !== "sluice") return args;
  const { dir, project } = locateModule(cwd, mod);
  if (project === undefined && mod === undefined) return args;
  args = without(args, ["-m", "--mod"]);
  const given = args.some((word) => /^--source(=|$)/.test(word));
  const source = command === "call" && project !== undefined && !given ? ["--source", project] : [];
  const at = args.indexOf(command) + 1;
  return [...args.slice(0, at), "-m", dir, ...source, ...args.slice(at)];
}

/** Drops flags with their values, up to a `--`. */
function without(argv: readonly string[], names: readonly string[]): string[] {
  const end = argv.indexOf("--");
  return argv.filter((word, at) => {
    if (end >= 0 && at >= end) return true;
    if (names.includes(word) || names.some((name) => word.startsWith(`${name}=`))) return false;
    return !names.includes(argv[at - 1] ?? "");
  });
}
