import type { Flag } from "./flags.ts";

/**
 * Finds the values of `flags` in a command line whose other flags are not known yet: a module's own
 * flags are only known once it is loaded, and where to load it from is said by a flag. What is not
 * understood is skipped; reading the whole line later finds the mistakes.
 */
export function peekFlags(argv: readonly string[], flags: readonly Flag[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const give = (flag: Flag, value: string) => {
    found.set(flag.name, [...(found.get(flag.name) ?? []), value]);
  };
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string;
    if (word === "--") break;
    if (word.startsWith("--")) {
      const [name = "", ...value] = word.slice(2).split("=");
      const flag = flags.find((item) => item.name === name);
      if (!flag) continue;
      if (value.length > 0) give(flag, value.join("="));
      else if (flag.isSwitch) give(flag, "true");
      else if (argv[at + 1] !== undefined) give(flag, argv[++at] as string);
    } else if (/^-[a-zA-Z]/.test(word)) at += peekLetters(word, argv[at + 1], flags, give);
  }
  return found;
}

/** Reads `-vq`, `-m path` or `-mpath`; answers how many further words it took. */
function peekLetters(
  word: string,
  next: string | undefined,
  flags: readonly Flag[],
  give: (flag: Flag, value: string) => void,
): number {
  for (let at = 1; at < word.length; at++) {
    const flag = flags.find((item) => item.short === word.charAt(at));
    if (!flag) return 0;
    if (flag.isSwitch) give(flag, "true");
    else {
      const attached = word.slice(at + 1).replace(/^=/, "");
      if (attached === "" && next === undefined) return 0;
      give(flag, attached || (next as string));
      return attached === "" ? 1 : 0;
    }
  }
  return 0;
}
