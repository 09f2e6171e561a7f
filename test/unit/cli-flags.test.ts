import { describe, expect, test } from "vitest";
import { splitCsv } from "../../dagger/cli/grammar/csv.ts";
import { isOn, parseFlags, type Flag } from "../../dagger/cli/grammar/flags.ts";
import { kebab } from "../../dagger/cli/grammar/kebab.ts";
import { peekFlags } from "../../dagger/cli/grammar/peek.ts";
import { closest } from "../../dagger/cli/grammar/suggest.ts";

const flags: Flag[] = [
  { name: "json", short: "j", isSwitch: true, description: "" },
  { name: "output", short: "o", description: "" },
  { name: "docker-config", description: "" },
  { name: "verbose", short: "v", isSwitch: true, description: "" },
];
const parse = (line: string, stopAtFirst = false) => {
  const { values, rest } = parseFlags(line.split(" "), flags, { stopAtFirst });
  return { ...Object.fromEntries(values), rest };
};

describe("reading flags", () => {
  test.each([
    ["--output a", { output: ["a"], rest: [] }],
    ["--output=a=b", { output: ["a=b"], rest: [] }],
    ["--output=", { output: [""], rest: [] }],
    ["--dockerConfig x", { "docker-config": ["x"], rest: [] }],
    ["-o a", { output: ["a"], rest: [] }],
    ["-oa", { output: ["a"], rest: [] }],
    ["-o=a", { output: ["a"], rest: [] }],
    ["-jo a", { json: ["true"], output: ["a"], rest: [] }],
    ["-vv", { verbose: ["true", "true"], rest: [] }],
    ["--json false", { json: ["true"], rest: ["false"] }],
    ["--json=false", { json: ["false"], rest: [] }],
    ["a --json b", { json: ["true"], rest: ["a", "b"] }],
    ["--json -- --output", { json: ["true"], rest: ["--output"] }],
    ["-", { rest: ["-"] }],
    ["--output -x", { output: ["-x"], rest: [] }],
  ])("%s", (line, expected) => {
    expect(parse(line)).toEqual(expected);
  });

  test("ends at the first word that is no flag, when asked to", () => {
    expect(parse("-j build --output x", true)).toEqual({
      json: ["true"],
      rest: ["build", "--output", "x"],
    });
  });

  test.each([
    ["--nope", "unknown flag: --nope"],
    ["--outptu x", "Did you mean this?\n\t--output"],
    ["-x", "unknown shorthand flag: 'x' in -x"],
    ["--output", "flag needs an argument: --output"],
    ["-o", "flag needs an argument: 'o' in -o"],
    ["--=x", "bad flag syntax: --=x"],
    ["---x", "bad flag syntax: ---x"],
  ])("%s is refused", (line, message) => {
    expect(() => parse(line)).toThrow(message);
  });

  test("a switch takes Go's words for true and false, and no others", () => {
    const on = (value: string) => isOn({ values: new Map([["json", [value]]]) }, "json");
    expect([on("T"), on("1"), on("0"), on("False")]).toEqual([true, true, false, false]);
    expect(() => on("yes")).toThrow('invalid argument "yes" for "--json" flag');
  });
});

test("known flags are found among unknown ones", () => {
  const peek = (line: string) => Object.fromEntries(peekFlags(line.split(" "), flags));
  expect(peek("--foo bar build --output=x -v --json")).toEqual({
    output: ["x"],
    verbose: ["true"],
    json: ["true"],
  });
  expect(peek("-jv -o out --other -- -v")).toEqual({
    json: ["true"],
    verbose: ["true"],
    output: ["out"],
  });
});

test.each([
  ["smokeVerify", "smoke-verify"],
  ["sha256Digest", "sha-256-digest"],
  ["OCIRef", "oci-ref"],
  ["withHTTPServer2", "with-http-server-2"],
  ["docker_config", "docker-config"],
  ["already-kebab", "already-kebab"],
  ["ID", "id"],
])("%s is typed %s", (name, typed) => {
  expect(kebab(name)).toBe(typed);
});

test.each([
  ["", []],
  ["a,b", ["a", "b"]],
  ["a,,b", ["a", "", "b"]],
  ['"a,b",c', ["a,b", "c"]],
  ['"say ""hi"""', ['say "hi"']],
  ["a,", ["a", ""]],
])("%j splits at its commas", (text, values) => {
  expect(splitCsv(text)).toEqual(values);
});

test("quotes that don't match are an error", () => {
  expect(() => splitCsv('a"b')).toThrow("unmatched quote");
  expect(() => splitCsv('"a')).toThrow("unmatched quote");
});

test("the closest names come first, and dissimilar ones not at all", () => {
  expect(closest("buld", ["build", "bundle", "publish"])).toEqual(["build"]);
  expect(closest("smoke", ["smoke-verify", "promote"])).toEqual(["smoke-verify"]);
  expect(closest("xyz", ["build", "publish"])).toEqual([]);
});
