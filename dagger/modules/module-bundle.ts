import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { BuildFailure, Message, Metafile } from "esbuild";
import { SluiceError } from "../core/error.ts";
import { knownPackages } from "./known-packages.ts";
import { thrown, transpiled } from "./transpile.ts";
import { tsx } from "./tsx.ts";

/** Where the bundle is in a runtime directory. */
export const bundleFile = "bundle/index.mjs";
/** Beside it: which of its files holds a source file that may be imported by a computed path. */
export const outputsFile = "bundle/outputs.json";

export interface BundleOptions {
  /** The runtime directory while it is made. */
  draft: string;
  /** What it will be called: files may ask for their own location. */
  path: string;
  /** The module's files in `src`, and those beside it that code may import by a computed path. */
  files: readonly string[];
  others: readonly string[];
  /** Packages that the module may import. */
  packages: ReadonlySet<string>;
  tsconfigRaw: string;
}

/**
 * Bundles a module's own files, packages left out, into one that exports the namespaces of all of
 * them as `modules`: importing some hundred files one by one takes longer than most functions. Files
 * of `others` are loaded when they are asked for.
 */
export async function bundleModule(options: BundleOptions): Promise<void> {
  const { draft, path, others } = options;
  const broken = new Map<string, string>();
  await mkdir(dirname(join(draft, bundleFile)), { recursive: true });
  for (;;) {
    try {
      const entries = others.length > 0 ? roots(await build(options, broken, others), others) : [];
      const { outputs } = await build(options, broken, entries, true);
      if (others.length > 0) await writeFile(join(draft, outputsFile), outputsOf(outputs));
      return;
    } catch (error) {
      const errors = (error as Partial<BuildFailure>).errors ?? [];
      const first = errors.find(({ location }) => !others.includes(location?.file ?? ""));
      if (errors.length > 0 && !first) {
        // Nobody may ever ask for these.
        for (const found of errors)
          broken.set(found.location?.file ?? "", linkError(found) ?? transformError(path, found));
        continue;
      }
      const missing = first && linkError(first);
      if (missing === undefined) throw failure(first, error);
      // Types are known without loading anything: such a module fails when it is first called.
      await writeFile(join(draft, bundleFile), thrown("SyntaxError", missing, "esm"));
      return;
    }
  }
}

async function build(
  { draft, path, files, packages, others, tsconfigRaw }: BundleOptions,
  broken: ReadonlyMap<string, string>,
  entries: readonly string[],
  write = false,
): Promise<Metafile> {
  const imports = files.map(
    (file, index) => `import * as m${index} from ${JSON.stringify(`./${file}`)};`,
  );
  const names = files.map((_file, index) => `m${index}`);
  const findable = others.length > 0;
  const main = `${imports.join("\n")}\nexport const modules = [${names.join(", ")}];\n`;
  const { metafile } = await tsx.esbuild().build({
    entryPoints: [{ in: "modules", out: "index" }, ...entries.map((file) => join(draft, file))],
    outdir: join(draft, dirname(bundleFile)),
    outbase: draft,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    treeShaking: false,
    plugins: [
      {
        name: "modules",
        setup(builder) {
          builder.onResolve({ filter: /^modules$/ }, ({ kind }) =>
            kind === "entry-point" ? { path: "modules", namespace: "modules" } : undefined,
          );
          builder.onLoad({ filter: /./, namespace: "modules" }, () => ({
            contents: main,
            resolveDir: draft,
          }));
        },
      },
      knownPackages({ draft, path, packages }),
      transpiled({ draft, path, findable, broken, tsconfigRaw }),
    ],
    platform: "node",
    format: "esm",
    target: "node20",
    keepNames: true,
    sourcemap: "inline",
    sourcesContent: false,
    logLevel: "silent",
    tsconfig: join(draft, "tsconfig.json"),
    absWorkingDir: draft,
    metafile: true,
    write,
  });
  return metafile;
}

/** Those that no other file imports; and one of each circle that nothing else leads to. */
function roots({ inputs }: Metafile, files: readonly string[]): string[] {
  const next = (file: string) => inputs[file]?.imports.map((found) => found.path) ?? [];
  const imported = new Set(
    Object.keys(inputs).flatMap((file) => next(file).filter((path) => path !== file)),
  );
  const found = files.filter((file) => !imported.has(file));
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    reached.add(file);
    next(file).forEach(reach);
  };
  found.forEach(reach);
  reach("modules:modules");
  for (const file of files) {
    if (reached.has(file)) continue;
    found.push(file);
    reach(file);
  }
  return found;
}

/** Source file → the bundle's file that holds it. */
function outputsOf(outputs: Metafile["outputs"]): string {
  const held = Object.entries(outputs).flatMap(([output, { inputs }]) =>
    Object.keys(inputs).map((file) => [file, output] as const),
  );
  return JSON.stringify(Object.fromEntries(held));
}

/** What Node says of an import that leads nowhere; undefined for what does not compile. */
function linkError({ text, location }: Message): string | undefined {
  const [, file, name] = /^No matching export in "(.+)" for import "(.+)"$/.exec(text) ?? [];
  if (file !== undefined && name !== undefined) {
    const [, written] = / from "(.+)"/.exec(location?.lineText ?? "") ?? [];
    return `The requested module '${written ?? file}' does not provide an export named '${name}'`;
  }
  const [, path] = /^Could not resolve "(.+)"$/.exec(text) ?? [];
  if (path !== undefined)
    return `Cannot find module '${path}' imported from ${location?.file ?? ""}`;
  return undefined;
}

/** As tsx says it. */
function transformError(home: string, { text, location }: Message): string {
  const { file = "", line = 0, column = 0 } = location ?? {};
  return `Transform failed with 1 error:\n${join(home, file)}:${line}:${column}: ERROR: ${text}`;
}

/** The compiler's first complaint, with its place. */
function failure(first: Message | undefined, cause: unknown): SluiceError {
  const { location, text } = first ?? { text: cause instanceof Error ? cause.message : "" };
  const where = location ? `${location.file}:${location.line}:${location.column + 1}: ` : "";
  return new SluiceError("MODULE_FAILED", `the module can't be loaded: ${where}${text}`, {
    cause,
    hint: "Correct the module's code, then run the command again.",
  });
}
