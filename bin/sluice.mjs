#!/usr/bin/env node
/**
 * Starts the launcher from its bundle. In a checkout the bundle is made again, quietly, when a
 * source is newer; an installed package has none of the sources and always runs what it came with.
 */
import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import module from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Error: Sluice needs Node.js 20.19 or newer, this is ${process.versions.node}`);
  process.exit(3);
}

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))));
const bundle = join(root, "dist", "main.js");

if (isStale()) {
  try {
    const { build } = await import(pathToFileURL(join(root, "scripts", "build.mjs")).href);
    await build();
  } catch (error) {
    console.error(`Error: Sluice could not be built from its sources\n${error.message}`);
    console.error("Next: Run `npm ci`, then try again.");
    process.exit(3);
  }
}

// Saves compiling the bundle again on each start, where this Node.js can.
module.enableCompileCache?.();
const { main } = await import(pathToFileURL(bundle).href);
await main();

function isStale() {
  const sources = join(root, "dagger");
  if (!existsSync(join(sources, "cli", "main.ts"))) return false;
  const built = statSync(bundle, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return newest([sources, join(root, "scripts", "build.mjs"), join(root, "package.json")]) > built;
}

/** When the youngest of these files, and of all below these directories, was changed. */
function newest(paths) {
  let latest = 0;
  for (const path of paths) {
    const { mtimeMs } = statSync(path);
    latest = Math.max(latest, mtimeMs);
    if (!path.endsWith(".mjs") && !path.endsWith(".json"))
      for (const item of readdirSync(path, { withFileTypes: true }))
        latest = Math.max(
          latest,
          item.isDirectory()
            ? newest([join(path, item.name)])
            : statSync(join(path, item.name)).mtimeMs,
        );
  }
  return latest;
}
