import { readFile, writeFile } from "node:fs/promises";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { call as callModule, callFailing, fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";
import { sdkExports } from "../support/sdkExports.ts";
import { onEmbeddedEngine } from "../support/session.ts";

const call = (...args: string[]) => callModule("loading", ...args);

describe("the SDK in a module", () => {
  test("exports what the bundled library of a real engine does, and no more", async () => {
    expect((await call("exports")).split("\n")).toEqual(sdkExports);
  });

  test("has no fields that reach the machine around the module", async () => {
    expect(await call("unseen")).toBe("");
  });

  test("lacks error classes: importing one fails the first call, not the list of functions", async () => {
    const host = await scratch({
      "dagger.json": await readFile(join(fixture("ducks"), "dagger.json")),
      "package.json": await readFile(join(fixture("ducks"), "package.json")),
      "src/index.ts": `import { ExecError, func, object } from "@dagger.io/dagger";
        @object() export class Ducks {
          /** Goes wrong */ @func() hello(): string { return ExecError.name; }
        }`,
    });
    expect((await launch(["functions", "-m", host])).stdout).toContain("Goes wrong");
    expect((await launch(["call", "-m", host, "hello", "--help"])).code).toBe(0);
    const { code, stderr } = await launch(["call", "-m", host, "hello"]);
    expect(code).toBe(1);
    expect(stderr).toContain(
      "SyntaxError: The requested module '@dagger.io/dagger' does not provide an export named 'ExecError'",
    );
  });
});

describe("packages of a module", () => {
  test("are those of its lock file", async () => {
    expect(await call("listed")).toBe("1m");
  });

  test.each([
    ["development", "left-pad"],
    ["above", "zod"],
  ])("%s: no other package is found", async (name, wanted) => {
    const { stderr } = await callFailing("loading", name);
    expect(stderr).toMatch(
      new RegExp(`Cannot find package '${wanted}' imported from .*src/index.ts`),
    );
  });

  test('one that requires a module exporting the name "module.exports" fails as in tsx 4.15.6', async () => {
    expect((await callFailing("loading", "intrinsic")).stderr).toContain("Unexpected string");
  });
});

describe("code imported by a computed path", () => {
  test("is compiled, and shares classes, SDK and packages with src", async () => {
    expect(await call("beside", "--name", "described")).toBe("true 1 1m known from the note");
  });

  test("imports further files when they are asked for", async () => {
    expect(await call("verb", "--name", "two")).toBe("two");
  });

  test.each([
    [
      "broken",
      /Transform failed with 1 error:\s+.*lib\/broken.ts:2:0: ERROR: Unexpected end of file/,
    ],
    ["unlinked", /module '@dagger.io\/dagger' does not provide an export named 'ExecError'/],
    ["misspelled", /module '.\/parts\/kind.ts' does not provide an export named 'Kinds'/],
    ["missing", /Cannot find module '.*lib\/missing.ts' imported from/],
  ])("%s: fails when it is imported, as there", async (name, words) => {
    expect((await callFailing("loading", "beside", "--name", name)).stderr).toMatch(words);
  });
});

describe.runIf(onEmbeddedEngine)("what differs on purpose on the embedded engine", () => {
  test("Node.js, user and machine are this host's, TypeScript the engine's, and no install script runs", async () => {
    const host = await scratch({
      "dagger.json": await readFile(join(fixture("ducks"), "dagger.json")),
      "src/index.ts": `import { existsSync } from "node:fs";
        import { hostname, userInfo } from "node:os";
        import { func, object } from "@dagger.io/dagger";
        import ms from "ms";
        import ts from "typescript";
        @object() export class Ducks {
          @func() facts(marker: string): string {
            const { username } = userInfo();
            return [ms(60_000), process.version, ts.version, username, hostname(), existsSync(marker)].join();
          }
        }`,
    });
    const marker = join(host, "marker");
    const manifest = {
      type: "module",
      scripts: { postinstall: `touch ${marker}` },
      dependencies: { ms: "2.1.3", typescript: "5.8.3" },
    };
    await writeFile(join(host, "package.json"), JSON.stringify(manifest));
    const { stdout } = await launch(["call", "-m", host, "facts", "--marker", marker]);
    const here = [process.version, ts.version, userInfo().username, hostname()];
    expect(stdout.trim()).toBe(["1m", ...here, false].join());
  });
});
