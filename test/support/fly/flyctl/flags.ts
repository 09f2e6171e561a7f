import { CommandError } from "./commandError.ts";

/** Arguments of a command. */
export interface Options {
  /** A flag's value, the last one given; empty when it isn't given. */
  text(name: string): string;
  /** All values of a flag. */
  all(name: string): readonly string[];
  is(name: string): boolean;
  args: readonly string[];
}

/** A command, and the flags that it has. */
export interface Command {
  run(options: Options): Promise<void>;
  strings: readonly string[];
  booleans: readonly string[];
  /** Whether it takes arguments besides flags. */
  positional?: boolean;
}

/** Reads a command line as cobra does, and says what cobra says of what it doesn't know. */
export function parse(
  commands: Readonly<Record<string, Command>>,
  words: readonly string[],
): { command: Command; options: Options } {
  const name = [3, 2, 1]
    .map((length) => words.slice(0, length).join(" "))
    .find((joined) => joined in commands);
  const command = name === undefined ? undefined : commands[name];
  if (name === undefined || !command) {
    throw new CommandError(`unknown command "${words[0] ?? ""}" for "flyctl"`);
  }
  const rest = words.slice(name.split(" ").length);
  const values = new Map<string, string[]>();
  const add = (flag: string, value: string) =>
    values.set(flag, [...(values.get(flag) ?? []), value]);
  const args: string[] = [];
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? "";
    if (word === "--") {
      args.push(...rest.slice(at + 1));
      break;
    }
    if (!word.startsWith("--")) {
      if (word.startsWith("-"))
        throw new CommandError(`unknown shorthand flag: '${word[1] ?? ""}' in ${word}`);
      args.push(word);
      continue;
    }
    const [flag, inline] = split(word.slice(2));
    if (command.booleans.includes(flag)) add(flag, inline ?? "true");
    else if (command.strings.includes(flag)) {
      const value = inline ?? rest[(at += 1)];
      if (value === undefined) throw new CommandError(`flag needs an argument: --${flag}`);
      add(flag, value);
    } else throw new CommandError(`unknown flag: --${flag}`);
  }
  if (args.length > 0 && !command.positional) {
    throw new CommandError(`unknown command "${args[0] ?? ""}" for "flyctl ${name}"`);
  }
  return {
    command,
    options: {
      args,
      text: (flag) => values.get(flag)?.at(-1) ?? "",
      all: (flag) => values.get(flag) ?? [],
      is: (flag) => values.get(flag)?.at(-1) === "true",
    },
  };
}

function split(word: string): [string, string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
