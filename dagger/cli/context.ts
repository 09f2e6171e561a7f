import pc from "picocolors";
import type { Colors } from "picocolors/types.js";
import type { Page } from "./help/layout.ts";
import type { GlobalOptions } from "./options.ts";

/** What a command gets: where it runs, where it writes, and the options every command has. */
export interface Context {
  cwd: string;
  env: NodeJS.ProcessEnv;
  options: GlobalOptions;
  /** Results. */
  out: Output;
  /** Everything that is no result. */
  err: Output;
  /** Dagger's program, where a command itself has to ask an engine of Dagger's. */
  dagger?: string;
  /** What progress has told already. */
  told: Told;
}

export interface Told {
  /** True when the output of what failed has been shown, so that the error need not repeat it. */
  failure: boolean;
}

/** One of the two standard streams. */
export interface Output {
  stream: NodeJS.WriteStream;
  colors: Colors;
  page: Page;
}

/** Colours only where a person looks, and NO_COLOR is not set. */
export function outputOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv): Output {
  const wanted = stream.isTTY && !env.NO_COLOR && env.TERM !== "dumb";
  const colors = pc.createColors(wanted || Boolean(env.FORCE_COLOR && env.FORCE_COLOR !== "0"));
  return { stream, colors, page: { width: stream.columns || 80, bold: colors.bold } };
}

/** Resolves when the text is on its way, so that the process may end. */
export function write(output: Output, text: string): Promise<void> {
  if (text === "") return Promise.resolve();
  return new Promise((resolve) => {
    // A reader that has gone away (`| head`) is no failure of ours.
    output.stream.write(text, () => resolve());
  });
}
