import { readFile } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { parse } from "es-module-lexer/js";
import type { BuildFailure, Loader, Message, PartialMessage, Plugin } from "esbuild";
import { tsx } from "./tsx.ts";

export interface TranspileOptions {
  /** Compiler options of the module. */
  tsconfigRaw: string;
  /** The runtime directory while it is made, and what it will be called. */
  draft: string;
  path: string;
  /** Whether files can be found by where they lie, for imports of computed paths. */
  findable: boolean;
  /** What to throw in place of files that can't be compiled, by path below `draft`. */
  broken: ReadonlyMap<string, string>;
}

/**
 * Compiles each file by itself, as tsx does, so that bundling makes no difference: a file that asks
 * for its own location hears where it lies, and imports whose path is computed are left to the worker.
 */
export function transpiled(options: TranspileOptions): Plugin {
  const { draft, path, findable, broken, tsconfigRaw } = options;
  return {
    name: "transpiled",
    setup(builder) {
      builder.onLoad({ filter: /\.m?[jt]sx?$/ }, async ({ path: file, namespace }) => {
        if (namespace !== "file") return undefined;
        const name = file.slice(draft.length + 1);
        const complaint = broken.get(name);
        if (complaint !== undefined) return { contents: thrown("SyntaxError", complaint, "cjs") };
        const home = join(path, name);
        const url = pathToFileURL(home).href;
        const transpiling = tsx.esbuild().transform(await readFile(file, "utf8"), {
          loader: loaderOf(file),
          format: "esm",
          platform: "node",
          target: "node20",
          tsconfigRaw,
          sourcefile: file,
          sourcemap: "inline",
          sourcesContent: false,
          define: {
            "import.meta.url": JSON.stringify(url),
            "import.meta.filename": JSON.stringify(home),
            "import.meta.dirname": JSON.stringify(dirname(home)),
          },
        });
        const done = await transpiling.catch((error: unknown) => error as BuildFailure);
        if ("errors" in done) return { errors: done.errors.map((error) => placedIn(name, error)) };
        const self = `import * as __self from ${JSON.stringify(file)}; globalThis[Symbol.for("dev.sluice.loaded")].set(${JSON.stringify(name)}, __self);\n`;
        return {
          contents: withImports(done.code, url) + (findable ? `\n${self}` : ""),
          loader: "js",
        };
      });
    },
  };
}

function placedIn(file: string, { text, location }: Message): PartialMessage {
  return { text, location: { ...location, file } };
}

/** A module that throws as soon as it is loaded; a CommonJS one whatever is imported from it. */
export function thrown(
  type: "Error" | "SyntaxError",
  message: string,
  format: "cjs" | "esm",
): string {
  const statement = `throw new ${type}(${JSON.stringify(message)});\n`;
  return format === "cjs" ? `${statement}module.exports = {};\n` : statement;
}

/** True for files that load others by a path that only running code knows. */
export function computesImports(code: string): boolean {
  return /\bimport\s*\((?!\s*["'])/.test(code);
}

const prelude = (url: string) =>
  `const __interop = (ns) => ns.default && typeof ns.default === "object" && "__esModule" in ns.default ? ns.default : ns; const __import = (to) => globalThis[Symbol.for("dev.sluice.import")](String(to), ${JSON.stringify(url)}, (at) => import(at)).then(__interop); `;

/** Dynamic imports as tsx does them: what CommonJS marks as an ECMAScript module is taken as one. */
function withImports(code: string, url: string): string {
  const [imports] = parse(code);
  let result = code;
  for (const found of [...imports].reverse()) {
    if (found.type !== "dynamic") continue;
    const { importStart, dynamicStart, importEnd } = found;
    const argument = code.slice(dynamicStart, importEnd);
    // Relative paths are the bundler's, also when a part of them is computed.
    if (/^\(\s*["'`]\.\.?\//.test(argument)) continue;
    const statement = /^\(\s*["']/.test(argument)
      ? `import${argument}.then(__interop)`
      : `__import${argument}`;
    result = result.slice(0, importStart) + statement + result.slice(importEnd);
  }
  return result === code ? code : prelude(url) + result;
}

function loaderOf(file: string): Loader {
  const extension = extname(file).replace(/^\.m?/, "");
  return extension === "ts" || extension === "tsx" || extension === "jsx" ? extension : "js";
}
