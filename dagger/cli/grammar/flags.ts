import { UsageError, withSuggestions } from "../usage-error.ts";
import { kebab } from "./kebab.ts";

/** An option as the command line knows it. */
export interface Flag {
  /** Without dashes, in kebab-case. */
  name: string;
  /** One letter. */
  short?: string;
  /** A switch needs no value: `--json`, `--json=false`. */
  isSwitch?: boolean;
  /** What the value is, for help: `string`, `Directory`. */
  type?: string;
  description: string;
  required?: boolean;
  /** As help shows it. */
  defaultText?: string;
  hidden?: boolean;
}

export interface Parsed {
  /** Values by flag name, in the order given; a switch without a value counts as `true`. */
  values: Map<string, string[]>;
  /** Arguments that are no flags; when `stopAtFirst`, everything from the first of them on. */
  rest: string[];
}

/**
 * Takes the flags out of `argv`. Long and short forms, `--name value`, `--name=value`, grouped
 * letters (`-jo file`) and `--` work as in Dagger's own command line; `--dockerConfig` is
 * `--docker-config`. Throws UsageError.
 */
export function parseFlags(
  argv: readonly string[],
  flags: readonly Flag[],
  { stopAtFirst = false }: { stopAtFirst?: boolean } = {},
): Parsed {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  const byLetter = new Map(flags.flatMap((flag) => (flag.short ? [[flag.short, flag]] : [])));
  const parsed: Parsed = { values: new Map(), rest: [] };
  const queue = [...argv];
  const give = (flag: Flag, value: string) => {
    parsed.values.set(flag.name, [...(parsed.values.get(flag.name) ?? []), value]);
  };

  for (let word = queue.shift(); word !== undefined; word = queue.shift()) {
    if (word === "--") {
      parsed.rest.push(...queue);
      break;
    }
    if (word.startsWith("--")) takeLong(word);
    else if (word.startsWith("-") && word !== "-") takeShort(word);
    else {
      parsed.rest.push(word);
      if (!stopAtFirst) continue;
      parsed.rest.push(...queue);
      break;
    }
  }
  return parsed;

  function takeLong(word: string): void {
    const [, typed = "", value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
    if (typed === "" || typed.startsWith("-")) throw new UsageError(`bad flag syntax: ${word}`);
    const flag = byName.get(typed) ?? byName.get(kebab(typed));
    if (!flag) throw unknownFlag(typed);
    give(flag, value ?? (flag.isSwitch ? "true" : nextValue(`--${typed}`)));
  }

  function takeShort(word: string): void {
    for (let at = 1; at < word.length; at++) {
      const letter = word.charAt(at);
      const flag = byLetter.get(letter);
      if (!flag) throw new UsageError(`unknown shorthand flag: '${letter}' in ${word}`);
      const remainder = word.slice(at + 1);
      if (remainder.startsWith("=")) return give(flag, remainder.slice(1));
      if (!flag.isSwitch) return give(flag, remainder || nextValue(`'${letter}' in ${word}`));
      give(flag, "true");
    }
  }

  function nextValue(asked: string): string {
    const value = queue.shift();
    if (value === undefined) throw new UsageError(`flag needs an argument: ${asked}`);
    return value;
  }

  function unknownFlag(typed: string): UsageError {
    const known = flags.filter((flag) => !flag.hidden).map((flag) => `--${flag.name}`);
    return new UsageError(withSuggestions(`unknown flag: --${typed}`, `--${typed}`, known));
  }
}

/** The state of a switch: the last value given, or false. */
export function isOn(parsed: Pick<Parsed, "values">, name: string): boolean {
  const text = parsed.values.get(name)?.at(-1);
  return text === undefined ? false : parseBoolean(text, name);
}

/** Accepts what Go's flag parsing accepts. */
export function parseBoolean(text: string, flag: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new UsageError(
    `invalid argument ${JSON.stringify(text)} for "--${flag}" flag: expected true or false`,
  );
}
