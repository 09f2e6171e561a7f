import { SluiceError } from "../error.ts";
import { parseDuration } from "../pipeline/schema/duration.ts";

/** Milliseconds of `--wait`; by default none. Throws `ARGUMENTS_INVALID`. */
export function waitMs(given: string | undefined): number {
  const text = given ?? "0s";
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new SluiceError(
    "ARGUMENTS_INVALID",
    `--wait: expected a duration such as 30s or 10m, got ${JSON.stringify(text.slice(0, 50))}`,
    { hint: "give a duration, such as --wait 10m" },
  );
}
