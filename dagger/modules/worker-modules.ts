import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Endings that tsx tries, and replaces, when a path leads nowhere as it is. */
const spellings = (path: string): string[] => [
  path,
  path.replace(/\.(m?)js(x?)$/, ".$1ts$2"),
  `${path}.ts`,
  `${path}.js`,
  join(path, "index.ts"),
];

/**
 * Loads the module's code from the bundle in its runtime directory `root`, and answers to it what it
 * imports by computed paths. Answers what gives all files' namespaces, or throws why they can't be loaded.
 */
export async function loadModules(root: string): Promise<() => Promise<unknown[]>> {
  const loaded = new Map<string, unknown>();
  const outputs = await outputsIn(root);
  const load = async (
    to: string,
    from: string,
    load: (url: string) => Promise<unknown>,
  ): Promise<unknown> => {
    const isPath = /^(?:\.{0,2}\/|file:)/.test(to);
    const url = isPath ? new URL(to, from) : undefined;
    if (!url) return load(to);
    const wanted = relative(root, fileURLToPath(url));
    const file = spellings(wanted).find((path) => path in outputs);
    if (file === undefined) return load(url.href);
    if (!loaded.has(file)) await load(pathToFileURL(join(root, outputs[file] ?? "")).href);
    return loaded.get(file);
  };
  Object.assign(globalThis, {
    [Symbol.for("dev.sluice.loaded")]: loaded,
    [Symbol.for("dev.sluice.import")]: load,
  });
  const bundle = import(pathToFileURL(join(root, "bundle/index.mjs")).href) as Promise<{
    modules: unknown[];
  }>;
  const modules = bundle.then((namespace) => namespace.modules);
  await modules.catch(() => undefined);
  return () => modules;
}

async function outputsIn(root: string): Promise<Record<string, string>> {
  const text = await readFile(join(root, "bundle/outputs.json"), "utf8").catch(() => "{}");
  return JSON.parse(text) as Record<string, string>;
}
