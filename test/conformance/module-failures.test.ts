import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call as callModule, callFailing, fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";

const call = (...args: string[]) => callModule("failures", ...args);

describe("errors of functions", () => {
  test.each([
    ["throw-error", "thrown on purpose"],
    ["reject", "rejected on purpose"],
    ["throw-text", "only a text"],
    ["wrong-float", "cannot return float '4.4'"],
  ])("%s ends the call with its message on stderr, nothing on stdout", async (name, message) => {
    const { stderr, stdout, code } = await callFailing("failures", name);
    expect(stderr).toContain(message);
    expect(stdout).toBe("");
    expect(code).toBeGreaterThan(0);
  });

  test("a failed command passes through: the caller sees exit code and output", async () => {
    const { stderr } = await callFailing("failures", "exec");
    expect(stderr).toContain("exit code: 17");
    expect(stderr).toContain("complained");
  });

  test("a container that fails only when it is used fails in the caller", async () => {
    const { stderr } = await callFailing("failures", "lazy", "stdout");
    expect(stderr).toContain("exit code: 17");
  });

  test("function code can catch ExecError with its fields", async () => {
    expect(JSON.parse(await call("caught"))).toEqual({
      name: "ExecError",
      exitCode: 17,
      stdout: "told",
      stderr: "complained",
    });
    expect(await call("expected")).toBe("3");
  });

  test("a module that does not compile is an error that names the file", async () => {
    const host = await scratch({
      "dagger.json": await readFile(join(fixture("ducks"), "dagger.json")),
      "package.json": await readFile(join(fixture("ducks"), "package.json")),
      "src/index.ts":
        "import { object } from '@dagger.io/dagger';\n@object()\nexport class Ducks {{\n",
    });
    const { code, stderr } = await launch(["functions", "-m", host]);
    expect(code).not.toBe(0);
    expect(stderr).toContain("index.ts");
  });

  test("a directory without a module is an error that says so", async () => {
    const host = await scratch();
    const { code, stderr } = await launch(["functions", "-m", host]);
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/module|dagger\.json/);
  });
});

describe("caching of functions", () => {
  test('cache: "never" runs the function each time', async () => {
    expect(await call("fresh")).not.toBe(await call("fresh"));
  });

  test("equal commands inside it still run once", async () => {
    expect(await call("stamp")).toBe("true");
  });
});
