/**
 * Exits 0 when `node_modules` in the directory given holds what `package-lock.json` there asks for, 1
 * otherwise: `npm ci` always starts over, which takes a while for nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const [directory = "."] = process.argv.slice(2);

try {
  const wanted = packagesIn("package-lock.json");
  const present = packagesIn(join("node_modules", ".package-lock.json"));
  const current =
    Object.entries(wanted).every(([path, { version, optional, link }]) =>
      path in present ? present[path].version === version : optional || link,
    ) && Object.keys(present).every((path) => path in wanted);
  process.exitCode = current ? 0 : 1;
} catch {
  process.exitCode = 1;
}

function packagesIn(file) {
  const { packages } = JSON.parse(readFileSync(join(directory, file), "utf8"));
  // The package itself is not one of those it needs.
  delete packages[""];
  return packages;
}
