import { suggestion } from "../suggest.ts";
import type { Finding } from "./draft.ts";

/** Says that something named does not exist, and what was probably meant. */
export function unknown(
  kind: string,
  name: string,
  known: Iterable<string>,
  path: Finding["path"],
): Finding {
  const message = `no ${kind} is called ${JSON.stringify(name)}`;
  return { path, message: `${message}${suggestion(name, [...known])}` };
}
