import type { Credentials } from "../../registry/auth/credentials.ts";
import { secretForms } from "../../registry/auth/credentials.ts";

/** Parts of a token that Fly.io's own services sign and check. */
const MACAROON = /^(?:fm1r|fm1a|fm2)_/;

/**
 * How to sign in to Fly.io's registry. What people copy may begin with a scheme and be several
 * tokens in one; the registry takes those that it can check itself, if there are any.
 */
export function registryLogin(token: string): Credentials {
  const parts = partsOf(token);
  const macaroons = parts.filter((part) => MACAROON.test(part));
  return { username: "x", password: (macaroons.length > 0 ? macaroons : parts).join(",") };
}

/** Takes a token out of a text, and each of its parts, in every form they could be in. */
export function tokenScrubber(token: string): (text: string) => string {
  const forms = [token, registryLogin(token).password, ...partsOf(token)]
    .flatMap((password) => secretForms({ username: "x", password }))
    // A part may be the beginning of the whole.
    .toSorted((one, other) => other.length - one.length);
  return (text) => forms.reduce((clean, form) => clean.replaceAll(form, "***"), text);
}

function partsOf(token: string): string[] {
  return token
    .replace(/^(?:FlyV1|Bearer)\s+/i, "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
