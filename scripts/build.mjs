/**
 * Bundles the launcher into `dist/`, so that it starts in a fraction of the time that hundreds of
 * source files take. Run by `npm run build`, and by `bin/sluice.mjs` when a source is newer.
 */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, "dist");

/** Data that code reads from beside itself. */
const data = ["dagger/schema/dagger.graphql"];
/** Chunks of an earlier build stay this long: a run that started with them may load them yet. */
const keepMs = 24 * 60 * 60 * 1000;

/** Leaves out what is big and never used here. */
const leaveOut = {
  name: "leave-out",
  setup(builder) {
    // Zod's translations are most of its size, and none of them is ever shown.
    builder.onLoad({ filter: /zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({
      contents: 'export { default as en } from "./en.js";',
    }));
    // Remote daemons are reached by the user's own ssh program; docker-modem's client never runs.
    builder.onLoad({ filter: /docker-modem[\\/]lib[\\/]ssh\.js$/ }, () => ({
      contents: 'module.exports = () => { throw new Error("ssh goes through the ssh program"); };',
    }));
  },
};

const options = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  format: "esm",
  platform: "node",
  target: "node20",
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  sourcesContent: false,
  legalComments: "none",
  logLevel: "silent",
  plugins: [leaveOut],
  // Found at run time: module code must share them with the engine, or they are programs, or native.
  external: ["@dagger.io/dagger", "typescript", "esbuild", "tsx-runtime", "cpu-features", "*.node"],
};

/** Builds; throws esbuild's error when a source can't be compiled. */
export async function build() {
  const [launcher, worker] = await Promise.all([
    esbuild.build({
      ...options,
      entryPoints: ["dagger/cli/main.ts"],
      entryNames: "[name]",
      chunkNames: "chunk-[hash]",
      outdir: "dist",
      splitting: true,
      // What packages in CommonJS expect of their surroundings.
      banner: {
        js: [
          'import { createRequire as __createRequire } from "node:module";',
          'import { dirname as __dirnameOf } from "node:path";',
          "const require = __createRequire(import.meta.url);",
          "const __filename = import.meta.filename ?? new URL(import.meta.url).pathname;",
          "const __dirname = __dirnameOf(__filename);",
        ].join("\n"),
      },
    }),
    // A program of its own: the process that runs module code.
    esbuild.build({
      ...options,
      entryPoints: ["dagger/modules/worker.ts"],
      outfile: "dist/worker.mjs",
    }),
  ]);
  const files = [
    ...[...worker.outputFiles, ...launcher.outputFiles].map(({ path, contents }) => ({
      path,
      contents,
    })),
    ...(await Promise.all(
      data.map(async (path) => ({
        path: join(dist, path.slice(path.lastIndexOf("/") + 1)),
        contents: await readFile(join(root, path)),
      })),
    )),
  ];
  await mkdir(dist, { recursive: true });
  // Entries last: whoever sees a new one finds what it imports.
  const isChunk = (path) => path.includes("chunk-");
  for (const file of files.filter(({ path }) => isChunk(path))) await writeWhole(file);
  for (const file of files.filter(({ path }) => !isChunk(path))) await writeWhole(file);
  await removeOld(new Set(files.map(({ path }) => path)));
}

async function writeWhole({ path, contents }) {
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, path);
}

async function removeOld(current) {
  for (const name of await readdir(dist)) {
    const path = join(dist, name);
    if (current.has(path)) continue;
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Infinity }));
    if (Date.now() - mtimeMs > keepMs) await rm(path, { force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await build();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
