import { execFile } from "node:child_process";
import { cp, readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { copyInstalled } from "../../dagger/modules/installed-packages.ts";
import { scratch } from "../support/scratch.ts";
import { sdkExports } from "../support/sdkExports.ts";

const module = fileURLToPath(new URL("../../.dagger/", import.meta.url));
const tsx = createRequire(import.meta.url).resolve("tsx-runtime/cli");

/** Stands for the engine's bundled library: its exports and no others. */
const sdk = sdkExports
  .map((name) =>
    /^[a-z]/.test(name)
      ? `export const ${name} = () => () => undefined;`
      : `export class ${name} {}`,
  )
  .join("\n");

const program = (wanted: string[]) => `
  const complaints: Record<string, string> = {};
  for (const name of ${JSON.stringify(wanted)})
    await import(name).catch((error: Error) => (complaints[name] = String(error)));
  console.log(JSON.stringify(complaints));
  process.exit();`;

test("every package and every file of the module loads as the official runtime loads it", async () => {
  const lock = await readFile(join(module, "package-lock.json"), "utf8");
  const manifest = await readFile(join(module, "package.json"), "utf8");
  const { dependencies } = JSON.parse(manifest) as { dependencies: Record<string, string> };
  const packages = Object.keys(dependencies);
  const files = (await readdir(module, { recursive: true }))
    .filter((path) => /^(src|lib)\/.*(?<!\.d)\.ts$/.test(path))
    .map((path) => `./${path}`);
  expect(files).toContain("./src/index.ts");

  const home = await scratch({
    "package.json": manifest,
    "tsconfig.json": await readFile(join(module, "tsconfig.json")),
    "sdk/index.ts": sdk,
    "load.ts": program([...packages, ...files]),
  });
  for (const folder of ["src", "lib"])
    await cp(join(module, folder), join(home, folder), { recursive: true }).catch(() => undefined);
  const own = join(module, "node_modules");
  const copied = await copyInstalled(own, packages, lock, join(home, "node_modules"));
  expect(copied, "run `npm ci` in .dagger").toBe(true);

  const args = [tsx, "--tsconfig", join(home, "tsconfig.json"), join(home, "load.ts")];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home });
  expect(JSON.parse(stdout)).toEqual({});
});
