import { existsSync } from "node:fs";
import { mkdir, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "esbuild";
import { keyOf } from "../core/key.ts";
import { libraryValues, unseenFields, unseenTypes } from "./sdk-exports.ts";
import type { SdkPackages } from "./sdk.ts";

/** Bump when the way of bundling changes. */
const layout = 5;

/** The SDK in a few files instead of some 1500. */
export interface SdkBundle {
  /** A package directory that stands in for `@dagger.io/dagger`. */
  dir: string;
  /** What `import "@dagger.io/dagger"` loads. */
  entry: string;
}

/**
 * Most of the SDK by size, and never used here: sending traces, which happens only where the
 * environment has OTEL_ variables, and downloading an engine, which happens only without a session.
 */
const unused: Readonly<Record<string, string>> = {
  "@opentelemetry/sdk-node": "export class NodeSDK { constructor() { unavailable(); } }",
  "@opentelemetry/exporter-trace-otlp-proto":
    "export class OTLPTraceExporter { constructor() { unavailable(); } }",
  "adm-zip": "export default unavailable;",
  "env-paths": "export default unavailable;",
  execa: "export const execa = unavailable;",
  tar: "export const extract = unavailable; export const x = unavailable;",
};

/** Required, not imported: Node reads a CommonJS file twice to import it, and this one has 9 MB. */
const typescript =
  'import { createRequire } from "node:module"; export default createRequire(import.meta.url)("typescript");';

/**
 * The SDK imports a module's files one by one. The worker imports them from a bundle, and says here
 * what they export.
 */
const loading = {
  file: /module\/entrypoint\/load\.js$/,
  original: "return await Promise.all(files.map(async (f) => await import(f)));",
  replacement: 'return globalThis[Symbol.for("dev.sluice.modules")]();',
};

/** What `@dagger.io/dagger` is in a module: the client without what modules don't see, and the library. */
const entry = ({ dagger }: SdkPackages): string =>
  `export { ${libraryValues.join(", ")} } from ${JSON.stringify(join(dagger, "dist/src/index.js"))};
export * from ${JSON.stringify(join(dagger, "dist/src/api/client.gen.js"))};`;

/** The npm package's client as an engine generates it for a module. */
function clientOfModules(client: string): string {
  return [
    ...unseenTypes.map((name) => [`export class ${name} `, `class ${name} `] as const),
    ...unseenFields.map((name) => [new RegExp(`^ {4}${name} = .*?^ {4}\\};\n`, "ms"), ""] as const),
  ].reduce((text, [part, replacement]) => {
    const changed = text.replace(part, replacement);
    if (changed === text) throw new Error(`this version of the SDK has no ${String(part)}`);
    return changed;
  }, client);
}

const replacements: Plugin = {
  name: "replacements",
  setup(builder) {
    const names = Object.keys(unused).map((name) => name.replaceAll("/", "\\/"));
    builder.onResolve({ filter: new RegExp(`^(?:${names.join("|")})$`) }, ({ path }) => ({
      path,
      namespace: "unused",
    }));
    builder.onResolve({ filter: /^typescript$/ }, () => ({ path: "typescript", namespace: "ts" }));
    builder.onLoad({ filter: loading.file }, async ({ path }) => {
      const contents = await readFile(path, "utf8");
      if (!contents.includes(loading.original)) {
        throw new Error("this version of the SDK loads modules in a way that is not known here");
      }
      return { contents: contents.replace(loading.original, loading.replacement) };
    });
    builder.onLoad({ filter: /api\/client\.gen\.js$/ }, async ({ path }) => ({
      contents: clientOfModules(await readFile(path, "utf8")),
    }));
    builder.onLoad({ filter: /./, namespace: "ts" }, () => ({ contents: typescript }));
    builder.onLoad({ filter: /./, namespace: "unused" }, ({ path }) => ({
      contents: `const unavailable = () => { throw new Error(${JSON.stringify(
        `${path} is not available to modules on Sluice's embedded engine`,
      )}); };\n${unused[path] ?? ""}`,
    }));
  },
};

/** What packages in CommonJS expect of their surroundings. */
const banner = [
  'import { createRequire as __createRequire } from "node:module";',
  'import { dirname as __dirnameOf } from "node:path";',
  "const require = __createRequire(import.meta.url);",
  "const __filename = import.meta.filename ?? new URL(import.meta.url).pathname;",
  "const __dirname = __dirnameOf(__filename);",
].join("\n");

/**
 * Makes the bundle of the installed SDK, or finds the one made before. Types stay those of the
 * package; TypeScript stays outside, since the worker has to get hold of it.
 */
export async function sdkBundle(stateDir: string, sdk: SdkPackages): Promise<SdkBundle> {
  const key = keyOf("sdk-bundle", layout, sdk.version, sdk.dagger).slice(0, 16);
  const dir = join(stateDir, "modules", `sdk-${key}`);
  if (!existsSync(dir)) await make(dir, sdk);
  const real = await realpath(dir);
  return { dir: real, entry: join(real, "index.mjs") };
}

async function make(dir: string, sdk: SdkPackages): Promise<void> {
  const { dagger, typescript } = sdk;
  const draft = `${dir}.${process.pid}`;
  const { build } = await import("esbuild");
  try {
    await mkdir(join(draft, "node_modules"), { recursive: true });
    await writeFile(join(draft, "entry.js"), entry(sdk));
    await Promise.all([
      build({
        entryPoints: {
          index: join(draft, "entry.js"),
          telemetry: join(dagger, "dist/src/telemetry/index.js"),
        },
        outdir: draft,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        splitting: true,
        plugins: [replacements],
        platform: "node",
        format: "esm",
        target: "node20",
        minifySyntax: true,
        minifyWhitespace: true,
        legalComments: "none",
        logLevel: "silent",
        banner: { js: banner },
      }),
      writeFile(
        join(draft, "package.json"),
        JSON.stringify({
          name: "@dagger.io/dagger",
          type: "module",
          types: "./dist/src/index.d.ts",
          exports: {
            ".": { types: "./dist/src/index.d.ts", default: "./index.mjs" },
            "./telemetry": {
              types: "./dist/src/telemetry/index.d.ts",
              default: "./telemetry.mjs",
            },
          },
        }),
      ),
      symlink(join(dagger, "dist"), join(draft, "dist"), "dir"),
      symlink(typescript, join(draft, "node_modules", "typescript"), "dir"),
    ]);
    await rename(draft, dir).catch((error: unknown) => {
      // Another process was faster with the same content.
      if (!existsSync(dir)) throw error;
    });
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}
