import { describe, expect, test } from "vitest";
import { call as callModule, callFailing, launch, fixture } from "../support/launcher.ts";

const call = (...args: string[]) => callModule("values", ...args);

describe("arguments and results", () => {
  test("strings, with every character", async () => {
    expect(await call("greet", "--to", "wörld ☃ 'quoted' $HOME")).toBe(
      "hello wörld ☃ 'quoted' $HOME",
    );
    expect(await call("unicode")).toBe('ünï ☃ "quoted"\nnew line');
  });

  test("integers, floats and booleans", async () => {
    expect(await call("int", "--value=-42")).toBe("-41");
    expect(await call("half", "--value", "5")).toBe("2.5");
    expect(await call("not", "--value=false")).toBe("true");
    expect(await call("not", "--value")).toBe("false");
  });

  test("void prints nothing", async () => {
    expect(await call("nothing")).toBe("");
  });

  test("an asynchronous function is waited for", async () => {
    expect(await call("later", "--value", "now")).toBe("now, later");
  });

  test("lists: one value a line, or as JSON; given with commas or repeated", async () => {
    expect(await call("reversed", "--values", "a,b,c")).toBe("c\nb\na");
    // As CSV, so that an item with a comma has to be quoted.
    expect(await call("reversed", "--values", '"a,b",c')).toBe("c\na,b");
    expect(await call("sum", "--values", "1", "--values", "2")).toBe("3");
    expect(JSON.parse(await call("reversed", "--values", "a,b", "--json"))).toEqual(["b", "a"]);
  });

  test("variadic arguments", async () => {
    expect(await call("joined", "--first", "a", "--rest", "b,c")).toBe("a+b+c");
  });

  test("optional arguments may be left out", async () => {
    expect(await call("maybe")).toBe("left out");
    expect(await call("maybe", "--value", "")).toBe('given ""');
  });

  test("default values, literals and constants alike, each replaced when given", async () => {
    expect(await call("defaults")).toBe('{"text":"from a constant","count":4,"flag":true}');
    expect(await call("defaults", "--count", "0", "--flag=false", "--text", "")).toBe(
      '{"text":"","count":0,"flag":false}',
    );
    expect(await call("sum")).toBe("6");
  });

  test("enums: by name in and out, with a default, in lists", async () => {
    expect(await call("next")).toBe("GREEN");
    expect(await call("next", "--colour", "GREEN")).toBe("RED");
    expect(await call("colours")).toBe("RED\nGREEN");
  });

  test("an enum's value reaches the function, whatever the name is", async () => {
    expect(await call("size")).toBe("the value is s");
    expect(await call("size", "--size", "LARGE")).toBe("the value is l");
  });

  test("a function with an alias is called by it", async () => {
    expect(await call("renamed")).toBe("called by its alias");
  });
});

describe("the constructor", () => {
  test("has defaults, and its fields can be read", async () => {
    expect(await call("greeting")).toBe("hello");
    expect(await call("times")).toBe("1");
  });

  test("takes arguments before the function's own", async () => {
    expect(await call("--greeting", "hi", "--times", "2", "greet", "--to", "you")).toBe(
      "hi you, hi you",
    );
  });
});

describe("wrong calls", () => {
  test("a function that is not there is named", async () => {
    const { code, stderr } = await callFailing("values", "fly-away");
    expect(stderr).toContain("fly-away");
    expect(code).toBe(1);
  });

  test("a method without @func cannot be called", async () => {
    await callFailing("values", "not-exposed");
  });

  test("a required argument that is missing is named", async () => {
    const { stderr } = await callFailing("values", "greet");
    expect(stderr).toMatch(/required.*to\b/s);
  });

  test("an unknown flag is named", async () => {
    const { stderr } = await callFailing("values", "greet", "--to", "x", "--colour", "red");
    expect(stderr).toContain("colour");
  });

  test("a value that is no number, and one that is no member, are refused with the flag's name", async () => {
    expect((await callFailing("values", "int", "--value", "many")).stderr).toContain("value");
    const { stderr } = await callFailing("values", "next", "--colour", "BLUE");
    expect(stderr).toMatch(/BLUE/);
  });
});

test("functions lists what can be called, in kebab case, with its description", async () => {
  const { code, stdout } = await launch(["functions", "-m", fixture("values")]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^greet\s+Says it$/m);
  expect(stdout).toMatch(/^renamed\b/m);
  expect(stdout).not.toContain("not-exposed");
});

test("--help shows arguments with their descriptions, defaults and members", async () => {
  const greet = await launch(["call", "-m", fixture("values"), "greet", "--help"]);
  expect(greet.code).toBe(0);
  expect(greet.stdout).toMatch(/--to string\s+whom to greet/);
  expect(greet.stdout).toContain("Says it");
  const next = await launch(["call", "-m", fixture("values"), "next", "--help"]);
  expect(next.stdout).toMatch(/--colour.*RED/s);
  // The first words in back quotes name the value.
  const joined = await launch(["call", "-m", fixture("values"), "joined", "--help"]);
  expect(joined.stdout).toMatch(/--first first word\s+the first word, before `others`/);
});
