import { createHash } from "node:crypto";
import { digestOf } from "./containers.ts";

/** Digits of the digest in a revision's name. Names have at most 54 characters, an app's 32. */
const DIGITS = 12;

/**
 * Suffix of the next revision that runs an image: `s` and the first digits of its digest. Azure
 * doesn't make a revision whose name was used before, so later ones have a number, too.
 *
 * @param names of all revisions of the app
 */
export function freeSuffix(app: string, image: string, names: readonly string[]): string {
  const digest = digestOf(image)?.slice("sha256:".length);
  const id = digest ?? createHash("sha256").update(image).digest("hex");
  const first = `s${id.slice(0, DIGITS)}`;
  for (let suffix = first, number = 2; ; suffix = `${first}-${number++}`) {
    if (!names.includes(revisionName(app, suffix))) return suffix;
  }
}

export function revisionName(app: string, suffix: string): string {
  return `${app}--${suffix}`;
}
