import { exampleOf } from "./openapi.ts";
import type { Call } from "./call.ts";
import type { Actor } from "./state.ts";

/** A person, or an App's bot, as the API shows it. */
export function userOf({ login, type }: Actor): object {
  return { ...exampleOf("simple-user"), login, type };
}

/** What all things have: made of GitHub's own example, so that every field is there. */
export function shown(example: string, fields: Readonly<Record<string, unknown>>): object {
  return { ...exampleOf(example), ...fields };
}

/** When it was made and changed. */
export function times(at: string): { created_at: string; updated_at: string } {
  return { created_at: at, updated_at: at };
}

/** Of an id, as the API hides it. */
export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}:${id}`).toString("base64");
}

/** The URL of something in the repository. */
export function at(call: Call, path: string): string {
  return `${call.url}/${path}`;
}
