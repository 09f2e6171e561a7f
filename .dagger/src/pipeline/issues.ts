import { z } from "zod";
import type { Document, Path } from "./document.ts";
import { describeFound, type Problem } from "./problem.ts";
import { suggestion } from "./suggest.ts";

type Issue = z.core.$ZodIssue;

/** Keys that a later version of the format will have. */
const LATER = ["secrets"];

/**
 * Words for what zod itself finds wrong, to complete "expected …". For an unknown key it gives the
 * known ones instead: only the schema at hand knows them.
 */
export const expectations: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return kinds[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.map((value) => JSON.stringify(value)).join(" or ");
    case "unrecognized_keys":
      return issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape).join(" ") : "";
    default:
      return undefined;
  }
};

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "a mapping",
  record: "a mapping",
};

/** What zod found, as problems of the file. */
export function problemsOf(issues: readonly Issue[], document: Document, at: Path = []): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...at, ...issue.path];
    switch (issue.code) {
      case "unrecognized_keys":
        return issue.keys.map((key) => unknownKey([...path, key], issue.message, document));
      case "invalid_key":
        return issue.issues.map(({ message }) => ({
          position: document.keyAt(path),
          path,
          message: `expected ${message}, found ${describeFound(path.at(-1))}`,
        }));
      case "invalid_union":
        return problemsOf(likeliest(issue, document, path), document, path);
      default:
        return [unexpected(path, issue.message, document)];
    }
  });
}

function unexpected(path: Path, expected: string, document: Document): Problem {
  const found = valueIn(document.data, path);
  const message =
    found === undefined
      ? `missing; expected ${expected}`
      : `expected ${expected}, found ${describeFound(found)}`;
  return { position: document.valueAt(path), path, message };
}

function unknownKey(path: Path, known: string, document: Document): Problem {
  const key = String(path.at(-1));
  const keys = known.split(" ").filter((name) => name !== "");
  const message = LATER.includes(key)
    ? `this version does not support ${JSON.stringify(key)} yet`
    : `unknown key ${JSON.stringify(key)}${suggestion(key, keys)}`;
  return { position: document.keyAt(path), path, message };
}

/** Of the ways to write a value, the faults of the one that fits the kind of what was found. */
function likeliest(issue: Issue & { code: "invalid_union" }, document: Document, path: Path) {
  const found = valueIn(document.data, path);
  const isWrong = (one: Issue) => isWrongKind(one, found);
  const ofKind = issue.errors.filter((branch) => !branch.some(isWrong));
  const [only] = ofKind;
  if (only && ofKind.length === 1) return only;
  const wrong = issue.errors.flatMap((branch) => branch.filter(isWrong));
  const expected = [...new Set(wrong.map(({ message }) => message))].join(" or ");
  return [{ code: "custom" as const, path: [], message: expected, input: found }];
}

function isWrongKind(issue: Issue, found: unknown): boolean {
  if (issue.path.length > 0) return false;
  if (issue.code === "invalid_value")
    return !issue.values.some((one) => typeof one === typeof found);
  return issue.code === "invalid_type";
}

function valueIn(data: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, part) => {
    if (typeof value !== "object" || value === null) return undefined;
    return Object.hasOwn(value, part) ? (value as Record<PropertyKey, unknown>)[part] : undefined;
  }, data);
}
