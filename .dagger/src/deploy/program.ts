import { randomUUID } from "node:crypto";
import { type Container, dag, ReturnType } from "@dagger.io/dagger";
import { withSecretFile, withSecretVariable } from "../secret.ts";

/** A command-line program of an image, and what it finds there. */
export interface ProgramSpec {
  /** Pinned: `flyio/flyctl:v0.3.100`. */
  image: string;
  /** The program, first word of every command. */
  command: string;
  env?: Readonly<Record<string, string>>;
  /** Environment variables that no log and no command line has. */
  secrets?: Readonly<Record<string, string>>;
  /** Texts by absolute path. */
  files?: Readonly<Record<string, string>>;
  /** Secret texts by absolute path; readable by their owner only. */
  secretFiles?: Readonly<Record<string, string>>;
}

/** How a program ended. */
export interface ProgramResult {
  code: number;
  stdout: string;
  stderr: string;
}

/** A program that can be run again and again; each run begins with the same files. */
export interface Program {
  /** Runs it without a shell: an argument is an argument, whatever is in it. */
  run(args: readonly string[], options?: { stdin?: string }): Promise<ProgramResult>;
}

/** Makes a program ready; it starts when it is first run. */
export type OpenProgram = (spec: ProgramSpec) => Program;

/** Programs in containers of the Dagger session. */
export const daggerProgram: OpenProgram = (spec) => {
  const container = containerOf(spec);
  return {
    async run(args, { stdin } = {}) {
      const ran = container
        // Equal commands would be answered from the engine's cache, and do nothing.
        .withEnvVariable("SLUICE_RUN", randomUUID())
        .withExec([spec.command, ...args], {
          expect: ReturnType.Any,
          ...(stdin === undefined ? {} : { stdin }),
        });
      const [code, stdout, stderr] = await Promise.all([
        ran.exitCode(),
        ran.stdout(),
        ran.stderr(),
      ]);
      return { code, stdout, stderr };
    },
  };
};

function containerOf({
  image,
  env = {},
  secrets = {},
  files = {},
  secretFiles = {},
}: ProgramSpec): Container {
  let self = dag.container().from(image);
  for (const [name, value] of Object.entries(env)) self = self.withEnvVariable(name, value);
  for (const [path, text] of Object.entries(files)) self = self.withNewFile(path, text);
  for (const [name, text] of Object.entries(secrets)) {
    self = withSecretVariable(self, name, text);
  }
  for (const [path, text] of Object.entries(secretFiles)) {
    self = withSecretFile(self, path, text);
  }
  return self;
}
