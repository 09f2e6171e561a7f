import { expect, test } from "vitest";
import { dagger, printed, root } from "./support/engine.ts";

/** Names in the first column of what `functions` prints. */
function namesIn(text: string): string[] {
  return text
    .split("\n")
    .slice(1)
    .map((line) => /^([a-z][\w-]*)\s/.exec(line)?.[1] ?? "")
    .filter((name) => name !== "");
}

test("every function says what it does, and names each argument", async () => {
  const names = namesIn(await printed(dagger(["functions", "-m", root])));
  expect(names).toEqual(expect.arrayContaining(["build", "publish", "smoke-verify", "promote"]));
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    const help = await printed(dagger(["call", "-m", root, name, "--help"]));
    expect(help, name).toContain("USAGE");
    // A name in place of a value's type is what back-quoted words become.
    for (const [, type] of help.matchAll(/^\s+(?:-\w, )?--[\w-]+ (\S+) {2,}/gm)) {
      expect(type, name).toMatch(
        /^(?:string|strings|int|bool|Directory|File|Secret|Platform|duration|\[\])/,
      );
    }
  }
});

test("without --source, a pipeline file is missed, and what to add is said", async () => {
  const { code, stderr } = await dagger(["call", "-m", root, "validate"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain("--source .");
});

test("a function that there is not fails with 1", async () => {
  expect(await dagger(["call", "-m", root, "nothing-like-this"])).toMatchObject({ code: 1 });
});
