import { z } from "zod";
import type { PipelineVersion } from "../pipeline/model.ts";
import { shown, type Expectation } from "../verify/probe/expectation.ts";
import { BODY_BYTES } from "../verify/probe/http.ts";

/** What is expected to run at a target. */
export interface ExpectedVersion {
  /** Full hash. */
  commit: string;
  /** Git tag that it was promoted as. */
  release?: string | undefined;
  /** What the target calls itself. */
  environment?: string | undefined;
}

/** What the version endpoint said last. */
export interface SeenVersion {
  /** Undefined as long as no commit could be read. */
  commit: string | undefined;
  /** Each key of the answer, its value as text: at most 50, at most 300 characters each. */
  fields: Readonly<Record<string, string>>;
}

const FIELDS = 50;
/** Abbreviated or whole. */
const COMMIT = /^(?:[0-9a-f]{7,40}|[0-9a-f]{64})$/;
const answered = z.record(z.string(), z.json());

/** Reads what a version endpoint answered: its fields, or what is wrong with it. */
export function readVersion(
  body: string,
): { fields: Readonly<Record<string, string>> } | { problem: string } {
  const text = body.trim();
  if (text === "") return { problem: "an empty body instead of a JSON object" };
  if (text.startsWith("<")) return { problem: `a page instead of a JSON object: ${shown(text)}` };
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    const cut = Buffer.byteLength(body) >= BODY_BYTES;
    return {
      problem: cut
        ? `more than ${BODY_BYTES / 1024} KiB instead of a small JSON object`
        : `what is no JSON: ${shown(text)}`,
    };
  }
  const object = answered.safeParse(data);
  if (!object.success) return { problem: `JSON that is no object: ${shown(text)}` };
  const fields = Object.entries(object.data)
    .slice(0, FIELDS)
    .map(([key, value]) => [
      shown(key),
      shown(typeof value === "string" ? value : JSON.stringify(value)),
    ]);
  return { fields: Object.fromEntries(fields) as Record<string, string> };
}

/** Whether two texts are the same commit: equal, or one at least 7 digits of the other's begin. */
export function sameCommit(one: string, other: string): boolean {
  const [short = "", long = ""] = [one, other]
    .map((text) => text.trim().toLowerCase())
    .sort((a, b) => a.length - b.length);
  return [short, long].every((hash) => COMMIT.test(hash)) && long.startsWith(short);
}

/** What is expected of a version endpoint, and what it said last. */
export function versionCheck(
  { commit: key }: PipelineVersion,
  expected: Pick<ExpectedVersion, "commit">,
): { expectation: Expectation; seen: () => SeenVersion } {
  let seen: SeenVersion = { commit: undefined, fields: {} };
  const problem = (body: string): string | undefined => {
    const read = readVersion(body);
    if ("problem" in read) {
      seen = { commit: undefined, fields: {} };
      return read.problem;
    }
    const { fields } = read;
    const commit = Object.hasOwn(fields, key) ? fields[key] : undefined;
    seen = { commit, fields };
    if (commit === undefined) {
      const keys = Object.keys(fields).join(", ");
      return `no key ${JSON.stringify(key)} (${keys ? `there are ${keys}` : "there are none"})`;
    }
    return sameCommit(commit, expected.commit) ? undefined : `commit ${commit || "without a name"}`;
  };
  const what = `a JSON object whose ${JSON.stringify(key)} is ${expected.commit}`;
  return {
    expectation: { status: [200], bodyCheck: { expected: what, problem } },
    seen: () => seen,
  };
}

/** What else the version endpoint says that is not as expected, a line each. */
export function differencesOf(
  fields: Readonly<Record<string, string>>,
  { release, environment }: ExpectedVersion,
): string[] {
  return Object.entries({ release, environment }).flatMap(([key, expected]) => {
    const found = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (expected === undefined || found === undefined || found === expected) return [];
    return [`${key} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`];
  });
}
