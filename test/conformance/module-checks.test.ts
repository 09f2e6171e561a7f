import { cp, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { call, fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";

/** `check` works on the module of the directory that it runs in. */
const check = (...args: string[]) =>
  launch(["--progress=report", "check", ...args], { cwd: fixture("guards") });

describe("check", () => {
  test("-l lists checks with their descriptions, those of nested objects too", async () => {
    const { code, stdout } = await check("-l");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^passing\s+Passes at once$/m);
    expect(stdout).toMatch(/^failing-container\s+Fails in its container$/m);
    expect(stdout).toMatch(/^nested:inner\b/m);
  });

  test("exits 0 when all that match pass: functions, containers and nested ones", async () => {
    const { code, stdout, stderr } = await check("passing*", "nested:inner");
    expect(stdout + stderr).toMatch(/passing-container.*OK/);
    expect(code).toBe(0);
  });

  test("exits non-zero when one fails, with each one's result and reason", async () => {
    const { code, stdout, stderr } = await check("failing*");
    expect(code).not.toBe(0);
    const report = stdout + stderr;
    expect(report).toMatch(/failing.*ERROR/);
    expect(report).toMatch(/failing-container.*ERROR/);
    expect(report).toContain("the check has found something");
    expect(report).toContain("exit code: 5");
  });

  test("a failing check does not keep the others from running", async () => {
    const { code, stdout, stderr } = await check("failing", "passing");
    expect(code).not.toBe(0);
    expect(stdout + stderr).toMatch(/passing.*OK/);
  });
});

describe("generate", () => {
  test("a generator's changes can be exported", async () => {
    const host = await scratch();
    await call("guards", "generated", "export", "--path", host);
    expect(await readFile(join(host, "generated.txt"), "utf8")).toBe("by the module\n");
    expect(await call("guards", "unchanged", "is-empty")).toBe("true");
  });

  test("as a check it fails while there is something to generate", async () => {
    const module = join(await scratch(), "guards");
    await cp(fixture("guards"), module, { recursive: true });
    const run = (name: string) =>
      launch(["--progress=report", "check", "--generate", name], { cwd: module });
    expect((await run("generated")).code).not.toBe(0);
    expect((await run("unchanged")).code).toBe(0);
  });
});
