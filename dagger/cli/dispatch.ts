import { statSync } from "node:fs";
import { resolve } from "node:path";
import type { Command, Invocation } from "./commands/command.ts";
import { commands, findCommand } from "./commands/index.ts";
import type { Context, Output, Told } from "./context.ts";
import { write } from "./context.ts";
import { chooseEngine } from "./engine/choose.ts";
import { exitCode } from "./exit-code.ts";
import { parseFlags } from "./grammar/flags.ts";
import { peekFlags } from "./grammar/peek.ts";
import { commandHelp, rootHelp } from "./help/command-help.ts";
import { globalFlags, moduleFlag, readOptions } from "./options.ts";
import { UsageError, withSuggestions } from "./usage-error.ts";

/** The surroundings of one run of the launcher. */
export interface Surroundings {
  cwd: string;
  env: NodeJS.ProcessEnv;
  out: Output;
  err: Output;
  told: Told;
}

/** Runs the command that `argv` names; answers the exit code. Throws what the command throws. */
export async function dispatch(argv: readonly string[], around: Surroundings): Promise<number> {
  const leading = parseFlags(argv, [...globalFlags, moduleFlag], { stopAtFirst: true });
  const [name, ...args] = leading.rest;
  if (name === undefined || name === "help") {
    const asked = findCommand(args[0] ?? "");
    const { page } = around.out;
    await write(around.out, asked ? commandHelp(page, asked) : rootHelp(page));
    return exitCode.ok;
  }
  const command = findCommand(name);
  const invocation = readInvocation(command, args, leading.values, around);
  const { context } = invocation;
  if (command && context.options.help && command.reads !== "chain") {
    await write(around.out, commandHelp(around.out.page, command));
    return exitCode.ok;
  }
  if (command?.inDagger !== false) {
    const engine = chooseEngine(context.options.engine, around.env);
    if (engine.kind === "dagger")
      return runOnDagger(engine.program, argv, name, invocation, command);
  }
  if (!command) throw unknownCommand(name);
  if (context.options.verbosity === "verbose" && command.inDagger)
    await write(around.err, "engine: embedded\n");
  const { run } = await command.load();
  return run(invocation);
}

function readInvocation(
  command: Command | undefined,
  args: string[],
  leading: ReadonlyMap<string, string[]>,
  around: Surroundings,
): Invocation {
  try {
    const { values, rest } = command ? readArguments(command, args) : unread(args);
    if (leading.has(moduleFlag.name) && command && !command.flags.includes(moduleFlag))
      throw new UsageError(
        `--${moduleFlag.name} means nothing to this command: it loads no module`,
      );
    for (const [name, given] of leading) values.set(name, [...given, ...(values.get(name) ?? [])]);
    const options = readOptions(values, around.env);
    const cwd = workingDirectory(around.cwd, options.workdir);
    const context: Context = { ...around, cwd, options };
    return { context, values, args: rest };
  } catch (error) {
    if (!(error instanceof UsageError) || error.command !== undefined) throw error;
    throw new UsageError(error.message, command && `sluice ${command.name}`);
  }
}

function readArguments(command: Command, args: string[]) {
  const flags = [...command.flags, ...globalFlags];
  if (command.reads !== "chain")
    return parseFlags(args, flags, { stopAtFirst: command.reads === "leading" });
  return unread(args);
}

/** Only the options that decide what is loaded; the rest is understood when the functions are known. */
const unread = (args: string[]) => ({
  values: peekFlags(args, [...globalFlags, moduleFlag]),
  rest: args,
});

function workingDirectory(cwd: string, given: string | undefined): string {
  if (given === undefined) return cwd;
  const dir = resolve(cwd, given);
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory()) return dir;
  throw new UsageError(`--workdir: ${dir} is not a directory`);
}

async function runOnDagger(
  program: string,
  argv: readonly string[],
  name: string,
  invocation: Invocation,
  command: Command | undefined,
): Promise<number> {
  const { context, args } = invocation;
  const [{ daggerArguments, hidesProject }, { passThrough }] = await Promise.all([
    import("./engine/dagger-arguments.ts"),
    import("./engine/pass-through.ts"),
  ]);
  const { cwd, options } = context;
  if (options.verbosity === "verbose") await write(context.err, `engine: ${program}\n`);
  if (command && hidesProject(command.name, cwd, options.mod)) {
    const { run } = await command.load();
    return run({ ...invocation, context: { ...context, dagger: program } });
  }
  // Dagger's own `session` runs no command; its `run` does.
  const given =
    name === "session" && args.length > 0 ? ["run", ...args] : daggerArguments(argv, name, cwd);
  return passThrough(program, given, cwd);
}

function unknownCommand(name: string): UsageError {
  const known = commands.map((command) => command.name);
  const message = `unknown command ${JSON.stringify(name)} for "sluice"`;
  return new UsageError(withSuggestions(message, name, known));
}

/** True when `--version` is all that was asked. */
export const asksVersion = (argv: readonly string[]): boolean =>
  argv.length === 1 && argv[0] === "--version";
