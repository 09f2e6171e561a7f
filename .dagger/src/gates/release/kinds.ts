import picomatch from "picomatch";
import type { ReleasePolicy } from "../../pipeline/model.ts";

/** A kind of tag name. */
export interface ReleaseKind {
  /** For messages: what is expected. */
  readonly example: string;
  /** Whether a tag's name is of this kind. */
  matches(name: string): boolean;
  /** Negative when `one` comes before `other`; both are of this kind. */
  compare(one: string, other: string): number;
}

/** Numbers count as numbers: `prod-10` comes after `prod-9`, `v1.10.0` after `v1.9.0`. */
const natural = new Intl.Collator("en", { numeric: true });
const compare = (one: string, other: string) =>
  natural.compare(one.replace(/^v/, ""), other.replace(/^v/, ""));

const NUMBER = "(?:0|[1-9]\\d*)";
const SEMVER = new RegExp(`^v?${NUMBER}\\.${NUMBER}\\.${NUMBER}$`);
const CALENDAR = /^v?(\d{4})\.(\d{2})\.(\d{2})(?:[.-][1-9]\d*)?$/;

/** What the names of a policy's tags look like, and how they are ordered. */
export function kindOfRelease(policy: ReleasePolicy): ReleaseKind {
  switch (policy.kind) {
    case "semver":
      return { example: "v1.2.3", matches: (name) => SEMVER.test(name), compare };
    case "calendar":
      return { example: "v2026.01.31", matches: isCalendar, compare };
    case "pattern": {
      const matches = picomatch(policy.pattern, { dot: true });
      return { example: policy.pattern, matches: (name) => matches(name), compare };
    }
  }
}

/** A day that exists. */
function isCalendar(name: string): boolean {
  const [, year = "", month = "", day = ""] = CALENDAR.exec(name) ?? [];
  if (year === "") return false;
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(`${year}-${month}-${day}`);
}
