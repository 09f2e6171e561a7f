import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let found: { dir: string; version: string } | undefined;

/** Where Sluice is installed, and its version: the nearest `package.json` above this file. */
export function sluicePackage(): { dir: string; version: string } {
  found ??= findPackage(dirname(fileURLToPath(import.meta.url)));
  return found;
}

function findPackage(from: string): { dir: string; version: string } {
  const path = join(from, "package.json");
  if (existsSync(path)) {
    // Our own file: a schema library would double the time that `--version` takes.
    const { name, version } = JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
    if (name === "sluice" && version !== undefined) return { dir: from, version };
  }
  const parent = dirname(from);
  if (parent === from) throw new Error("Sluice's own package.json is missing: install it again");
  return findPackage(parent);
}
