import { createRequire } from "node:module";
import { dirname } from "node:path";

const require = createRequire(import.meta.url);
const manifest = require.resolve("tsx-runtime/package.json");
const inTsx = createRequire(manifest);

/** The tsx with which the official runtime of Dagger 0.21 runs modules, and its esbuild. */
export const tsx = {
  version: (require(manifest) as { version: string }).version,
  root: dirname(manifest),
  /** What makes `require` work as tsx does it. */
  requireApi: require.resolve("tsx-runtime/cjs/api"),
  /** Loaded only when something has to be transpiled. */
  esbuild: () => inTsx("esbuild") as typeof import("esbuild"),
};
