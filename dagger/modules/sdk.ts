import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { z } from "zod";

const require = createRequire(import.meta.url);

/**
 * The one copy of the SDK and of TypeScript that module code and the worker share. Two copies would
 * each have a `dag` of their own, and only one of them would be connected.
 */
export interface SdkPackages {
  /** Package directories. */
  dagger: string;
  typescript: string;
  /** The file that the worker requires. */
  typescriptEntry: string;
  /** Changes when another version is installed. */
  version: string;
}

/** Finds the packages next to the engine. */
export function sdkPackages(): SdkPackages {
  const typescriptEntry = require.resolve("typescript");
  const dagger = packageRoot(require.resolve("@dagger.io/dagger"));
  const typescript = packageRoot(typescriptEntry);
  return {
    dagger,
    typescript,
    typescriptEntry,
    version: `${versionOf(dagger)}+typescript.${versionOf(typescript)}`,
  };
}

const manifest = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

function readManifest(folder: string): z.infer<typeof manifest> | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    return manifest.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function packageRoot(entry: string): string {
  for (let folder = dirname(entry); folder !== dirname(folder); folder = dirname(folder)) {
    if (readManifest(folder)?.version !== undefined) return folder;
  }
  throw new Error(`no package.json above ${entry}`);
}

function versionOf(folder: string): string {
  return readManifest(folder)?.version ?? "";
}
