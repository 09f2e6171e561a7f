import { describe, expect, test } from "vitest";
import { exact, matcher } from "../../dagger/content/pattern.ts";

describe("include and exclude patterns", () => {
  test.each([
    ["a", "a", true],
    ["a", "a/below/it", true],
    ["a", "b/a", false],
    ["/a/", "a", true],
    ["*.log", "x.log", true],
    ["*.log", "sub/x.log", false],
    ["**/*.log", "x.log", true],
    ["**/*.log", "sub/deep/x.log", true],
    ["**", "anything/at/all", true],
    ["a/**", "a/b/c", true],
    ["a/**/z", "a/z", true],
    ["a/**/z", "a/b/c/z", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["[a-c]x", "bx", true],
    ["[^a]x", "ax", false],
    ["a+(b)", "a+(b)", true],
    ["\\*", "*", true],
    ["\\*", "x", false],
    ["übung", "übung", true],
    ["?", "😀", true],
  ])("%j on %j: %j", (pattern, path, expected) => {
    expect(matcher([pattern])(path)).toBe(expected);
  });

  test("later ones win, ! takes back", () => {
    const matches = matcher(["**/*.md", "!README.md", "docs"]);
    expect(matches("notes/x.md")).toBe(true);
    expect(matches("README.md")).toBe(false);
    expect(matches("docs/any")).toBe(true);
  });

  test("that can't be read are an error that names them", () => {
    expect(() => matcher(["[z-a]"])).toThrow("[z-a]");
  });
});

test("glob patterns match the whole path only", () => {
  expect(exact("a")("a/b")).toBe(false);
  expect(exact("**/b")("a/b")).toBe(true);
});
