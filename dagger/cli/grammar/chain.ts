import { UsageError, withSuggestions } from "../usage-error.ts";
import { parseFlags, type Flag } from "./flags.ts";
import {
  objectOf,
  typeName,
  type Argument,
  type FunctionType,
  type Grammar,
  type ObjectType,
} from "./model.ts";
import { canBeTyped, readValue, type Value } from "./value.ts";

/** One function of a chain with the arguments it was given. */
export interface Step {
  fn: FunctionType;
  args: { arg: Argument; value: Value }[];
}

export interface Chain {
  /** The constructor first. */
  steps: Step[];
  /** `sluice call build service` */
  command: string;
  /** Values of the options that are not the functions' own. */
  options: Map<string, string[]>;
}

/** Functions that make no sense to type: they serve programs. */
const notTyped: Record<string, readonly string[] | undefined> = { Query: ["node", "with"] };

/** The functions that may follow, in alphabetical order; those that need what can't be typed are left out. */
export function callable(object: ObjectType | undefined): FunctionType[] {
  return (object?.functions ?? [])
    .filter((fn) => !notTyped[object?.name ?? ""]?.includes(fn.name))
    .filter((fn) => fn.args.every((arg) => arg.optional || canBeTyped(arg.type)))
    .sort((a, b) => (a.command < b.command ? -1 : 1));
}

/** A function's own flags. */
export function flagsOf(fn: FunctionType): Flag[] {
  return fn.args
    .filter((arg) => canBeTyped(arg.type))
    .map((arg) => ({
      name: arg.flag,
      isSwitch: arg.type.kind === "boolean",
      type: flagType(arg),
      description: arg.description,
      required: !arg.optional,
      defaultText: defaultText(arg),
    }));
}

function flagType({ type }: Argument): string {
  if (type.kind === "enum") return memberNames(type.members);
  if (type.kind === "boolean") return "";
  if (type.kind !== "list") return typeName(type);
  if (type.of.kind === "enum") return `[]${memberNames(type.of.members)}`;
  const isPlain = ["string", "int", "float", "boolean"].includes(type.of.kind);
  return isPlain ? `${typeName(type.of)}s` : typeName(type);
}

const memberNames = (members: { name: string }[]): string =>
  members
    .map(({ name }) => name)
    .sort()
    .join(",");

function defaultText(arg: Argument): string | undefined {
  if (arg.defaultPath !== undefined) return `path ${JSON.stringify(arg.defaultPath)}`;
  const value = arg.default;
  // A zero value says nothing.
  if (value === undefined || value === null || value === "" || value === 0 || value === false)
    return undefined;
  if (Array.isArray(value)) return value.length === 0 ? undefined : `[${value.join(",")}]`;
  const isBare = typeof value === "string" && arg.type.kind !== "string";
  return isBare ? value : JSON.stringify(value);
}

/**
 * Reads `[flags] <function> [flags] <function> …`. Flags belong to the function they follow;
 * `options` are understood everywhere unless a function has a flag of that name. With `forHelp`,
 * nothing is required. Throws UsageError.
 */
export function readChain(
  grammar: Grammar,
  argv: readonly string[],
  options: readonly Flag[],
  { command = "sluice call", forHelp = false } = {},
): Chain {
  const chain: Chain = { steps: [], command, options: new Map() };
  let fn = grammar.main;
  let rest = argv;
  for (;;) {
    rest = takeStep(chain, fn, rest, options, forHelp);
    const [word, ...others] = rest;
    if (word === undefined) return chain;
    fn = nextFunction(grammar, fn, word, chain.command);
    chain.command += ` ${fn.command}`;
    rest = others;
  }
}

/** The function called `word` on what `fn` answers. */
export function nextFunction(
  grammar: Grammar,
  fn: FunctionType,
  word: string,
  command: string,
): FunctionType {
  const candidates = callable(objectOf(grammar, fn.returns));
  const next = candidates.find(
    ({ command: name, name: apiName }) => name === word || apiName === word,
  );
  if (next) return next;
  throw new UsageError(
    withSuggestions(
      `unknown command ${JSON.stringify(word)} for ${JSON.stringify(command)}`,
      word,
      candidates.map((candidate) => candidate.command),
    ),
    command,
  );
}

function takeStep(
  chain: Chain,
  fn: FunctionType,
  argv: readonly string[],
  options: readonly Flag[],
  forHelp: boolean,
): string[] {
  const own = flagsOf(fn);
  const names = new Set(own.map((flag) => flag.name));
  const shared = options.filter((option) => !names.has(option.name));
  try {
    const { values, rest } = parseFlags(argv, [...own, ...shared], { stopAtFirst: true });
    for (const { name } of shared) {
      const given = values.get(name);
      if (given) chain.options.set(name, [...(chain.options.get(name) ?? []), ...given]);
    }
    chain.steps.push({ fn, args: argumentsOf(fn, values, forHelp) });
    return rest;
  } catch (error) {
    if (error instanceof UsageError && error.command === undefined)
      throw new UsageError(error.message, chain.command);
    throw error;
  }
}

function argumentsOf(
  fn: FunctionType,
  values: Map<string, string[]>,
  forHelp: boolean,
): Step["args"] {
  if (forHelp) return [];
  const missing = fn.args.filter((arg) => !arg.optional && !values.has(arg.flag));
  if (missing.length > 0) {
    const names = missing.map((arg) => `"${arg.flag}"`).join(", ");
    throw new UsageError(`required flag(s) ${names} not set`);
  }
  return fn.args.flatMap((arg) => {
    const texts = values.get(arg.flag);
    return texts ? [{ arg, value: readValue(arg, texts) }] : [];
  });
}
