import { describe, expect, test } from "vitest";
import { call as callModule, callFailing } from "../support/launcher.ts";

const call = (...args: string[]) => callModule("objects", ...args);

describe("objects of a module", () => {
  test("keep their state from call to call in a chain", async () => {
    expect(await call("increment", "increment", "--by", "5", "count")).toBe("6");
    expect(await call("count")).toBe("0");
  });

  test("of other types are returned, chained and read", async () => {
    expect(await call("branch", "--title", "oak", "title")).toBe("oak");
    expect(
      await call("branch", "--title", "oak", "with-leaf", "--name", "a", "first", "name"),
    ).toBe("a");
  });

  test("in lists: a field is read from each", async () => {
    const out = await call(
      "branch",
      "--title",
      "oak",
      "with-leaf",
      "--name",
      "a",
      "with-leaf",
      "--name",
      "b",
      "leaves",
      "name",
    );
    expect(out).toBe("a\nb");
  });

  test("carry private fields along, which cannot be called", async () => {
    const leaf = ["branch", "--title", "oak", "with-leaf", "--name", "a", "--number", "4", "first"];
    expect(await call(...leaf, "doubled")).toBe("8");
    await callFailing("objects", ...leaf, "secret-number");
  });

  test("carry core objects along", async () => {
    const branch = [
      "branch",
      "--title",
      "oak",
      "with-leaf",
      "--name",
      "a",
      "with-leaf",
      "--name",
      "b",
    ];
    expect(await call(...branch, "listing")).toBe("a,b");
    expect(await call(...branch, "files", "file", "--path", "b", "contents")).toBe("21");
  });

  test("may be plain types, in a list too, and behind an alias", async () => {
    expect(await call("points", "x")).toBe("1\n3");
    expect(JSON.parse(await call("points", "y", "--json"))).toEqual([{ y: 2 }, { y: 4 }]);
    expect(await call("origin", "x")).toBe("0");
  });

  test("at the end of a call print a name for themselves", async () => {
    expect(await call("branch", "--title", "oak")).toMatch(/Branch@/);
  });

  test("an error in the middle of a chain ends the call with its message", async () => {
    const { stderr, code } = await callFailing(
      "objects",
      "branch",
      "--title",
      "oak",
      "first",
      "name",
    );
    expect(stderr).toContain("no leaves yet");
    expect(code).not.toBe(0);
  });
});

describe("interfaces", () => {
  test("a module that takes them loads, and its other functions can be called", async () => {
    expect(await callModule("ducks", "pond")).toBe("empty");
  });
});
