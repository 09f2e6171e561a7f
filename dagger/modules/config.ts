import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { SluiceError } from "../core/error.ts";
import { messageOf } from "../core/message.ts";

const unsupported = "is not supported by the embedded engine";
const none = (what: string) => z.array(z.unknown()).max(0, `${what} ${unsupported}`).optional();

const daggerJson = z.looseObject({
  name: z.string({ error: "expected the module's name" }).min(1),
  engineVersion: z.string().optional(),
  sdk: z.union([
    z.string().transform((source) => ({ source })),
    z.looseObject({ source: z.string() }),
  ]),
  source: z.string().default("."),
  dependencies: none("a module dependency"),
  toolchains: none("a toolchain"),
  blueprint: z.undefined({ error: `a blueprint ${unsupported}` }).optional(),
});

/** Where a module is, and what its `dagger.json` says. All paths are absolute. */
export interface ModuleConfig {
  name: string;
  /** Directory of `dagger.json`. */
  root: string;
  /** Directory of the module's own `package.json` and `src/`. */
  sourceDir: string;
  /** What `defaultPath: "/"` means: the git repository around the module, else `root`. */
  contextDir: string;
}

/**
 * Finds the module at `path` (a directory, absolute) or in the nearest directory above it.
 * Throws `MODULE_NOT_FOUND`, `INVALID_MODULE` or `UNSUPPORTED_MODULE`.
 */
export async function findModule(path: string): Promise<ModuleConfig> {
  const root = findUp(path, "dagger.json");
  if (root === undefined) {
    throw new SluiceError("MODULE_NOT_FOUND", `no dagger.json in ${path} or any directory above`, {
      hint: "Run inside a module's directory, or name one with -m.",
    });
  }
  const file = join(root, "dagger.json");
  const config = parse(file, await readFile(file, "utf8"));
  if (config.sdk.source !== "typescript") {
    throw new SluiceError(
      "UNSUPPORTED_MODULE",
      `${file}: sdk.source ${JSON.stringify(config.sdk.source)} ${unsupported}, expected "typescript"`,
      { hint: "Run it with `--engine dagger`." },
    );
  }
  const sourceDir = resolve(root, config.source);
  if (relative(root, sourceDir).startsWith("..")) {
    throw new SluiceError("INVALID_MODULE", `${file}: source ${config.source} leaves the module`);
  }
  return { name: config.name, root, sourceDir, contextDir: findUp(root, ".git") ?? root };
}

/** True for what `-m` may name besides directories: modules in git repositories. */
export function isGitReference(ref: string): boolean {
  return !existsSync(ref) && /^(\w+:\/\/|git@|[\w-]+(\.[\w-]+)+\/)/.test(ref);
}

function parse(file: string, text: string): z.infer<typeof daggerJson> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new SluiceError("INVALID_MODULE", `${file}: not JSON: ${messageOf(cause)}`, { cause });
  }
  const parsed = daggerJson.safeParse(json);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `${file}: ${issue.path.join(".") || "(top level)"}: ${issue.message}`,
  );
  throw new SluiceError("INVALID_MODULE", problems.join("\n"), {
    hint: "Correct dagger.json, or run the module with `--engine dagger`.",
  });
}

function findUp(start: string, name: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}
