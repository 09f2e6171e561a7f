import type { Context } from "../context.ts";
import type { Flag } from "../grammar/flags.ts";

/** A command of the launcher, as far as help and dispatch need it; the work is loaded when it is run. */
export interface Command {
  name: string;
  aliases?: readonly string[];
  /** What follows the name: `[options] [pattern]…`. */
  usage: string;
  summary: string;
  /** Further help below the summary. */
  details?: string;
  examples?: readonly string[];
  /** Its own flags; the global ones are understood as well. */
  flags: readonly Flag[];
  group: "Release commands" | "Engine commands";
  hidden?: boolean;
  /**
   * Where the arguments are read: `fixed` ones by the flags above; of a `leading` command only those
   * before the first word; a `chain` reads all of its arguments itself.
   */
  reads: "fixed" | "leading" | "chain";
  /** True when `dagger` has this command, too, and takes it over where it is installed. */
  inDagger: boolean;
  load: () => Promise<{ run: CommandRun }>;
}

export interface Invocation {
  context: Context;
  /** Values of the command's own flags and the global ones; for a `chain`, what could be seen ahead. */
  values: Map<string, string[]>;
  /** Arguments that are no flags; for a `chain`, everything after the command's name. */
  args: string[];
}

/** Does the work; answers the exit code. */
export type CommandRun = (invocation: Invocation) => Promise<number>;
