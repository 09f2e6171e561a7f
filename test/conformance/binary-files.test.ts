import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fixture, launch } from "../support/launcher.ts";
import { scratch } from "../support/scratch.ts";

const own = fileURLToPath(new URL("../../.dagger/src/report/binary-files.ts", import.meta.url));

/** A module that hands over all 256 bytes: files of a function's own are there in a module only. */
const source = `
import { dag, type Directory, func, object } from "@dagger.io/dagger";
import { withBinaryFiles } from "./binary-files.ts";

@object()
export class Bytes {
  @func()
  files(): Directory {
    const before = dag.directory().withNewFile("kept.txt", "kept").withNewFile("a/old.bin", "old");
    const all = Uint8Array.from({ length: 256 }, (_, index) => index);
    const first = withBinaryFiles(before, { "a/b/all.bin": all, "a/old.bin": all, "text.txt": "grün" });
    return withBinaryFiles(first, { "../../outside.bin": all.slice(128) });
  }
}
`;

test("a function hands over files byte by byte, beside those that were there", async () => {
  const module = await scratch({
    "dagger.json": '{"name":"bytes","engineVersion":"v0.21.8","sdk":{"source":"typescript"}}',
    "package.json": await readFile(join(fixture("content"), "package.json")),
    "tsconfig.json": (await readFile(join(fixture("content"), "tsconfig.json"), "utf8")).replace(
      '"strict"',
      '"allowImportingTsExtensions": true, "noEmit": true, "strict"',
    ),
    "src/index.ts": source,
    "src/binary-files.ts": await readFile(own),
  });
  const out = await scratch();
  const { code, stderr } = await launch(["call", "-m", module, "files", "export", "--path", out]);
  expect(code, stderr).toBe(0);
  const all = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index));
  expect(await readFile(join(out, "a/b/all.bin"))).toEqual(all);
  expect(await readFile(join(out, "a/old.bin"))).toEqual(all);
  expect(await readFile(join(out, "text.txt"), "utf8")).toBe("grün");
  expect(await readFile(join(out, "kept.txt"), "utf8")).toBe("kept");
  // A path never leads out of the directory.
  expect(await readFile(join(out, "outside.bin"))).toEqual(all.subarray(128));
});
