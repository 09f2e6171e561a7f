import { readFile } from "node:fs/promises";
import { dirname, extname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import type { BuildFailure, Loader, Plugin } from "esbuild";
import { SluiceError } from "../core/error.ts";

/** Where the bundle is in a runtime directory. */
export const bundleFile = "bundle/index.mjs";

/**
 * Bundles a module's own files, packages left out, into one that exports the namespaces of all of
 * them as `modules`: importing some hundred files one by one takes longer than most functions.
 *
 * @param draft the runtime directory while it is made
 * @param path what it will be called: files may ask for their own location
 */
export async function bundleModule(draft: string, path: string, files: string[]): Promise<void> {
  const { build } = await import("esbuild");
  const imports = files.map(
    (file, index) => `import * as m${index} from ${JSON.stringify(`./${file}`)};`,
  );
  const names = files.map((_file, index) => `m${index}`);
  try {
    await build({
      stdin: {
        contents: `${imports.join("\n")}\nexport const modules = [${names.join(", ")}];\n`,
        resolveDir: draft,
        sourcefile: "modules.ts",
        loader: "ts",
      },
      outdir: join(draft, dirname(bundleFile)),
      entryNames: "index",
      outExtension: { ".js": ".mjs" },
      bundle: true,
      splitting: true,
      packages: "external",
      plugins: [atHome(draft, path)],
      platform: "node",
      format: "esm",
      target: "node20",
      keepNames: true,
      sourcemap: "inline",
      sourcesContent: false,
      logLevel: "silent",
      tsconfig: join(draft, "tsconfig.json"),
      absWorkingDir: draft,
    });
  } catch (error) {
    throw new SluiceError("MODULE_FAILED", `the module can't be loaded: ${reasonOf(error)}`, {
      cause: error,
      hint: "Correct the module's code, then run the command again.",
    });
  }
}

/** Lets a file that asks for its own location hear where it is, not where the bundle is. */
function atHome(draft: string, path: string): Plugin {
  return {
    name: "at-home",
    setup(builder) {
      builder.onLoad({ filter: /\.[cm]?[jt]sx?$/ }, async ({ path: file }) => {
        const contents = await readFile(file, "utf8");
        if (!contents.includes("import.meta")) return undefined;
        const home = join(path, relative(draft, file));
        const meta = `Object.assign(Object.create(import.meta), ${JSON.stringify({
          url: pathToFileURL(home).href,
          filename: home,
          dirname: dirname(home),
        })})`;
        const own = contents.replaceAll(/\bimport\.meta\b/g, "__importMeta");
        return { contents: `const __importMeta = ${meta}; ${own}`, loader: loaderOf(file) };
      });
    },
  };
}

function loaderOf(file: string): Loader {
  const extension = extname(file).replace(/^\.[cm]?/, "");
  return extension === "ts" || extension === "tsx" || extension === "jsx" ? extension : "js";
}

/** The compiler's first complaint, with its place. */
function reasonOf(error: unknown): string {
  const [first] = (error as Partial<BuildFailure>).errors ?? [];
  if (!first) return error instanceof Error ? error.message : String(error);
  const { location, text } = first;
  return location ? `${location.file}:${location.line}:${location.column + 1}: ${text}` : text;
}
