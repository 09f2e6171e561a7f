import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { GraphQLSchema } from "graphql";
import type { Diagnostic } from "typescript";
import { z } from "zod";
import { treeFromHost, treeToHost } from "../content/host.ts";
import type { Tree } from "../content/tree.ts";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Session } from "../core/session.ts";
import type { ModuleConfig } from "./config.ts";
import { bundleModule } from "./module-bundle.ts";
import { coreTypeDeclarations } from "./core-types.ts";
import { modulePackages } from "./packages.ts";
import { sdkBundle } from "./sdk-bundle.ts";
import { sdkPackages } from "./sdk.ts";
import { computesImports } from "./transpile.ts";
import { tsx } from "./tsx.ts";

/** Bump when the layout of the directory changes. */
const layout = 5;

/** A module made ready to run: its sources beside the SDK, under a name that says its content. */
export interface RuntimeDir {
  /** Equal keys run equal code with equal packages. */
  key: string;
  path: string;
  /** What the SDK's entrypoint takes: the module's files, and the declarations of core types. */
  files: string[];
  /** The module's source directory as it was read. */
  source: Tree;
}

/** Lays the module out under `stateDir/modules/`, unless an equal one is there already. */
export async function prepareRuntimeDir(
  session: Session,
  schema: GraphQLSchema,
  config: ModuleConfig,
): Promise<RuntimeDir> {
  const [source, packages] = await Promise.all([
    treeFromHost(session.store, config.sourceDir, {
      exclude: ["**/node_modules", "**/.git", "sdk"],
      gitignore: true,
    }),
    modulePackages(session, config.name, config.sourceDir),
  ]);
  const files = [...source.entries]
    .filter(([path, entry]) => entry.kind === "file" && isModuleFile(path))
    .map(([path]) => path)
    .sort();
  if (files.length === 0) {
    throw new SluiceError(
      "INVALID_MODULE",
      `no TypeScript file in ${join(config.sourceDir, "src")}`,
      {
        hint: "The module's code belongs into src/ of its source directory.",
      },
    );
  }
  const sdk = sdkPackages();
  const bundle = await sdkBundle(session.stateDir, sdk);
  const key = keyOf(
    "module",
    layout,
    source.digest(),
    config.name,
    sdk.version,
    tsx.version,
    bundle.dir,
    packages,
  );
  const path = join(session.stateDir, "modules", key.slice(0, 24));
  const types = join(path, "types", "client.gen.ts");
  if (!existsSync(path)) {
    const draft = `${path}.${process.pid}`;
    await rm(draft, { recursive: true, force: true });
    try {
      await treeToHost(session.store, source, draft);
      await write(join(draft, "types", "client.gen.ts"), coreTypeDeclarations(schema));
      for (const name of ["index.ts", "client.gen.ts"]) {
        await write(join(draft, "sdk", name), 'export * from "@dagger.io/dagger";\n');
      }
      await write(
        join(draft, "sdk", "telemetry.ts"),
        'export * from "@dagger.io/dagger/telemetry";\n',
      );
      await write(join(draft, "package.json"), await packageJsonFor(config.sourceDir));
      const tsconfigRaw = await tsconfigFor(config.sourceDir);
      await write(join(draft, "tsconfig.json"), tsconfigRaw);
      const linked = await linkPackages(join(draft, "node_modules"), packages, {
        dagger: bundle.dir,
        typescript: sdk.typescript,
      });
      const others = await filesBeside(draft, source, files);
      await bundleModule({ draft, path, files, others, packages: linked, tsconfigRaw });
      await rename(draft, path).catch((error: unknown) => {
        // Another process was faster with the same content.
        if (!existsSync(path)) throw error;
      });
    } finally {
      await rm(draft, { recursive: true, force: true });
    }
  }
  return {
    key,
    path,
    files: [...files.map((file) => join(path, file)), types],
    source,
  };
}

/** Code that is not in `src`, when code in `src` may import it by a path that it computes. */
async function filesBeside(draft: string, source: Tree, files: string[]): Promise<string[]> {
  const texts = await Promise.all(files.map((file) => readFile(join(draft, file), "utf8")));
  if (!texts.some(computesImports)) return [];
  return [...source.entries]
    .filter(([path, { kind }]) => kind === "file" && isBesideModule(path))
    .map(([path]) => path)
    .sort();
}

function isBesideModule(path: string): boolean {
  return !path.startsWith("src/") && /(?<!\.d)\.(?:m?[jt]s|[jt]sx)$/.test(path);
}

function isModuleFile(path: string): boolean {
  return path.startsWith("src/") && /\.m?ts$/.test(path) && !/\.d\.m?ts$/.test(path);
}

/** The module's own, which is always one of ECMAScript modules: the SDK is. */
async function packageJsonFor(sourceDir: string): Promise<string> {
  const file = join(sourceDir, "package.json");
  const text = existsSync(file) ? await readFile(file, "utf8") : "{}";
  return JSON.stringify({ ...(JSON.parse(text) as object), type: "module" }, null, 2);
}

const tsconfigJson = z.looseObject({
  compilerOptions: z
    .looseObject({ paths: z.record(z.string(), z.unknown()).default({}) })
    .default({ paths: {} }),
});

/** The module's own compiler options, without the path mapping that the links make needless. */
async function tsconfigFor(sourceDir: string): Promise<string> {
  const file = join(sourceDir, "tsconfig.json");
  const text = existsSync(file) ? await readFile(file, "utf8") : "{}";
  // Loaded only here: it costs a third of a second, and a known module needs no new directory.
  const { default: ts } = await import("typescript");
  const read: { config?: unknown; error?: Diagnostic } = ts.parseConfigFileTextToJson(file, text);
  const parsed = tsconfigJson.safeParse(read.config ?? {});
  if (read.error || !parsed.success) {
    const message = read.error
      ? ts.flattenDiagnosticMessageText(read.error.messageText, "\n")
      : z.prettifyError(parsed.error as z.ZodError);
    throw new SluiceError("INVALID_MODULE", `${file}: ${message}`);
  }
  const { paths, ...options } = parsed.data.compilerOptions;
  const kept = Object.entries(paths).filter(([name]) => !name.startsWith("@dagger.io/dagger"));
  const compilerOptions = {
    target: "ES2022",
    module: "NodeNext",
    moduleResolution: "NodeNext",
    ...options,
    experimentalDecorators: true,
    ...(kept.length > 0 ? { paths: Object.fromEntries(kept) } : {}),
  };
  return JSON.stringify({ compilerOptions }, null, 2);
}

/** Answers the names of all packages that the module may import. */
async function linkPackages(
  target: string,
  packages: string | undefined,
  sdk: { dagger: string; typescript: string },
): Promise<Set<string>> {
  const links = new Map([
    ...(packages === undefined ? [] : await packageNames(packages)).map(
      (name) => [name, join(packages ?? "", name)] as const,
    ),
    ["@dagger.io/dagger", sdk.dagger],
    ["typescript", sdk.typescript],
  ]);
  for (const [name, folder] of links) {
    await mkdir(dirname(join(target, name)), { recursive: true });
    await symlink(folder, join(target, name), "dir");
  }
  return new Set(links.keys());
}

async function packageNames(packages: string): Promise<string[]> {
  const names: string[] = [];
  for (const name of await readdir(packages)) {
    if (name.startsWith(".")) continue;
    if (!name.startsWith("@")) names.push(name);
    else for (const scoped of await readdir(join(packages, name))) names.push(`${name}/${scoped}`);
  }
  return names;
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
