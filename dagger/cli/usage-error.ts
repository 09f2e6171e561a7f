import { SluiceError } from "../core/error.ts";
import { closest } from "./grammar/suggest.ts";

/** What was typed can't be understood. */
export class UsageError extends SluiceError {
  override readonly name = "UsageError";

  /** The command whose help explains it: `sluice call build`. */
  constructor(
    message: string,
    readonly command?: string,
  ) {
    super("USAGE", message);
  }
}

/** `message`, with the known names that look like `given` below it. */
export function withSuggestions(message: string, given: string, known: Iterable<string>): string {
  const names = closest(given, known);
  if (names.length === 0) return message;
  return `${message}\n\nDid you mean this?\n${names.map((name) => `\t${name}`).join("\n")}`;
}
