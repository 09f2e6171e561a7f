import { SluiceError } from "../../error.ts";

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * A name that can be an app's: it becomes an argument, and part of URLs.
 *
 * @throws SluiceError `FLY_APP_INVALID`
 */
export function checkedAppName(name: string, from: string): string {
  if (NAME.test(name)) return name;
  const shown = JSON.stringify(name.slice(0, 100));
  throw new SluiceError(
    "FLY_APP_INVALID",
    `${from}: expected the name of an app on Fly.io, got ${shown}`,
    { hint: "give its name: lower-case letters, digits and inner hyphens, at most 63" },
  );
}
