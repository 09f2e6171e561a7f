import { afterEach, describe, expect, test, vi } from "vitest";
import { readChain, type Step } from "../../dagger/cli/grammar/chain.ts";
import { resultFlags } from "../../dagger/cli/commands/index.ts";
import { globalFlags } from "../../dagger/cli/options.ts";
import { UsageError } from "../../dagger/cli/usage-error.ts";
import { releaseGrammar } from "../support/release-module.ts";

const grammar = releaseGrammar();
const options = [...resultFlags, ...globalFlags];
const read = (...argv: string[]) => readChain(grammar, argv, options);
const step = (...argv: string[]) => read(...argv).steps.at(-1) as Step;
const valueOf = (...argv: string[]) => step(...argv).args.at(-1)?.value;
const verify = (...argv: string[]) => valueOf("smoke-verify", "--candidate", "c", ...argv);

afterEach(() => vi.unstubAllEnvs());

describe("a chain of functions", () => {
  test("takes the module's constructor first", () => {
    expect(read("build").steps.map(({ fn }) => fn.name)).toEqual(["release", "build"]);
  });

  test("goes on through the module's objects, and the API's behind them", () => {
    const chain = read(
      "smoke-verify",
      "--candidate",
      "x",
      "logs",
      "file",
      "--path",
      "a",
      "contents",
    );
    expect(chain.steps.map(({ fn }) => fn.name)).toEqual([
      "release",
      "smokeVerify",
      "logs",
      "file",
      "contents",
    ]);
    expect(chain.command).toBe("sluice call smoke-verify logs file contents");
  });

  test("gives flags to the function they follow", () => {
    vi.stubEnv("PASSWORD", "x");
    const { steps } = read("--registry-password", "env:PASSWORD", "smoke-verify", "--candidate=c");
    expect(steps.map(({ args }) => args.map(({ arg }) => arg.name))).toEqual([
      ["registryPassword"],
      ["candidate"],
    ]);
  });

  test("finds its options anywhere, unless a function has a flag of that name", () => {
    expect(read("-j", "build", "-o", "x").options).toEqual(
      new Map([
        ["json", ["true"]],
        ["output", ["x"]],
      ]),
    );
    const { options: found, steps } = read("smoke-verify", "--candidate", "c", "--json", "text");
    expect(found.size).toBe(0);
    expect(steps.at(-1)?.args.at(-1)?.value).toEqual({ kind: "literal", text: '"text"' });
  });

  test("may name a function as the API does", () => {
    expect(step("smokeVerify", "--candidate", "c").fn.name).toBe("smokeVerify");
  });

  test.each([
    [["nope"], 'unknown command "nope" for "sluice call"'],
    [["biuld"], "Did you mean this?\n\tbuild"],
    [["build", "nope"], 'unknown command "nope" for "sluice call build"'],
    [["channel", "more"], 'unknown command "more" for "sluice call channel"'],
    [["smoke-verify"], 'required flag(s) "candidate" not set'],
    [["needs-object"], 'unknown command "needs-object"'],
    [["smoke-verify", "--canddate", "x"], "Did you mean this?\n\t--candidate"],
  ])("%j is refused", (argv, message) => {
    expect(() => read(...argv)).toThrow(message);
  });

  test("says which command's help explains a mistake", () => {
    const error = (() => {
      try {
        read("smoke-verify", "--candidate", "c", "--retries", "many");
        return undefined;
      } catch (caught) {
        return caught;
      }
    })();
    expect(error).toBeInstanceOf(UsageError);
    expect((error as UsageError).command).toBe("sluice call smoke-verify");
  });

  test("requires nothing for help", () => {
    const { steps } = readChain(grammar, ["smoke-verify"], options, { forHelp: true });
    expect(steps.at(-1)?.fn.name).toBe("smokeVerify");
  });
});

describe("values", () => {
  test.each([
    [["--retries", "7"], "7"],
    [["--retries=-1"], "-1"],
    [["--retries", "1", "--retries", "2"], "2"],
    [["--ratio", "0.5"], "0.5"],
    [["--fast"], "true"],
    [["--fast=false"], "false"],
    [["--colour", "green"], "GREEN"],
    [["--json", 'a "b"\n☃'], '"a \\"b\\"\\n☃"'],
  ])("%j", (argv, text) => {
    expect(verify(...argv)).toEqual({ kind: "literal", text });
  });

  test("lists are comma-separated, repeated, or both", () => {
    expect(verify("--tags", "a,b", "--tags", '"c,d"')).toEqual({
      kind: "list",
      items: ['"a"', '"b"', '"c,d"'].map((text) => ({ kind: "literal", text })),
    });
    expect(verify("--tags", "")).toEqual({ kind: "list", items: [] });
    expect(verify("--platforms", "linux/amd64,linux/arm64")).toMatchObject({
      items: [{ text: '"linux/amd64"' }, { text: '"linux/arm64"' }],
    });
  });

  test("objects are addresses, with the patterns that their argument leaves out", () => {
    expect(valueOf("--source", "./app", "build")).toBeUndefined();
    expect(read("--source", "./app", "build").steps[0]?.args[0]?.value).toEqual({
      kind: "object",
      type: "Directory",
      address: "./app",
      exclude: ["node_modules"],
    });
    expect(valueOf("sha-256-of", "--file", "a.txt")).toMatchObject({ type: "File" });
    expect(verify("--files", "a,b")).toMatchObject({
      items: [{ address: "a" }, { address: "b" }],
    });
  });

  test("a core function takes objects, too", () => {
    const args = ["build", "with-directory", "--path", "/x", "--source", "src"];
    expect(valueOf(...args)).toMatchObject({ kind: "object", type: "Directory", address: "src" });
    expect(valueOf("build", "up", "--ports", "8080:80")).toEqual({
      kind: "list",
      items: [{ kind: "literal", text: "{frontend: 8080, backend: 80}" }],
    });
  });

  test.each([
    [
      ["--retries", "many"],
      'invalid argument "many" for "--retries" flag: expected a whole number',
    ],
    [["--ratio", "half"], "expected a number"],
    [["--fast=perhaps"], "expected true or false"],
    [
      ["--colour", "blue"],
      'invalid argument "blue" for "--colour" flag: value should be one of GREEN,RED',
    ],
    [["--sizes", "1,x"], 'invalid argument "x" for "--sizes" flag'],
    [["--tags", 'a"b'], "quotes don't match"],
    [["--files", ","], "a File cannot be empty"],
  ])("%j is refused", (argv, message) => {
    expect(() => verify(...argv)).toThrow(message);
  });

  test("a secret typed in plain text is refused without repeating it", () => {
    for (const typed of ["hunter2", "hunter2:more", "ghp_hunter2"]) {
      expect(() => read("--registry-password", typed, "build")).toThrow(
        'invalid argument for "--registry-password" flag: a secret is given as env:NAME, file:path or cmd:command, never as plain text',
      );
    }
  });

  test("a secret's variable has to be there before anything starts", () => {
    expect(() => read("--registry-password", "env:NOT_THERE", "build")).toThrow(
      'secret env var not found: "NOT_THERE"',
    );
    expect(() => read("--registry-password", "env://NOT_THERE", "build")).toThrow("NOT_THERE");
  });
});
