import { SluiceError } from "../../error.ts";

/** A command line of a unit: systemd hands out these very words, whatever is in them. */
export function commandWords(words: readonly string[]): string {
  const [program = "", ...args] = words;
  return [absolutePath("the program", program), ...args.map(quoted)].join(" ");
}

function quoted(word: string): string {
  const text = oneLine("an argument", word).replaceAll(/[\\"]/g, "\\$&").replaceAll("$", "$$$$");
  return `"${text}"`;
}

/** A text for one line of a unit: `%` is no specifier in it. Throws `SYSTEMD_VALUE_INVALID`. */
export function oneLine(what: string, text: string): string {
  if (!/\p{Cc}/u.test(text)) return text.replaceAll("%", "%%");
  throw invalid(what, text, "a text of one line");
}

/** A path as units have it, without quotes. Throws `SYSTEMD_VALUE_INVALID`. */
export function absolutePath(what: string, path: string): string {
  if (/^\/[\w@:+=,./-]*$/.test(path) && !path.split("/").includes("..")) return path;
  throw invalid(what, path, "an absolute path of letters, digits and @:+=,._-");
}

/** The name of a user. Throws `SYSTEMD_VALUE_INVALID`. */
export function systemUser(name: string): string {
  if (/^[a-z_][a-z0-9_-]{0,30}$/.test(name)) return name;
  throw invalid("the user", name, "the name of a user");
}

function invalid(what: string, text: string, expected: string): SluiceError {
  const shown = JSON.stringify(text.slice(0, 200));
  return new SluiceError(
    "SYSTEMD_VALUE_INVALID",
    `${what} can't be put into a unit of systemd: expected ${expected}, got ${shown}`,
    { hint: "give another value" },
  );
}
