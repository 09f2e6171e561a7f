import { createRequire } from "node:module";
import { sep } from "node:path";
import type { CompilerHost, CompilerOptions, CreateProgramOptions, Program } from "typescript";

type TypeScript = typeof import("typescript");

/** TypeScript as the SDK's introspector gets it in a worker. */
export interface WorkerTypeScript {
  /** Reads only the declarations that API types can come from. */
  lean: boolean;
  /** Makes the program that the introspector will ask for. */
  warm(files: string[]): void;
}

/**
 * Loads TypeScript such that the SDK's introspector does not parse and bind the module, the API's
 * typings and TypeScript's own libraries anew for each call, which takes longer than most functions.
 * The files never change while this process lives, so one program serves all calls: the SDK reads it
 * only.
 *
 * A lean program leaves out what can't be part of an API type: the DOM's declarations, those of npm
 * packages, and comments outside the module. Results of functions may be inferred from these all the
 * same; the engine asks for it only where it has seen that it makes no difference.
 */
export function loadTypeScript(entry: string, sdkRoot: string): WorkerTypeScript {
  const programs = new Map<string, Program>();
  const state: WorkerTypeScript = {
    lean: false,
    warm: (files) => {
      // The options are the SDK's; with others it would make a program of its own, only later.
      const { ModuleResolutionKind, ScriptTarget } = typescript;
      typescript
        .createProgram(files, {
          experimentalDecorators: true,
          // eslint-disable-next-line @typescript-eslint/no-deprecated -- what the SDK asks for
          moduleResolution: ModuleResolutionKind.Node10,
          target: ScriptTarget.ES2022,
        })
        .getTypeChecker();
    },
  };

  const keepingPrograms = (original: TypeScript): TypeScript => {
    const createProgram = (
      files: readonly string[] | CreateProgramOptions,
      options: CompilerOptions = {},
      ...rest: unknown[]
    ): Program => {
      const key = JSON.stringify([files, options, state.lean]);
      let program = programs.get(key);
      if (!program) {
        program =
          state.lean && Array.isArray(files)
            ? leanProgram(original, files as string[], options, sdkRoot)
            : (original.createProgram as (...args: unknown[]) => Program)(files, options, ...rest);
        programs.set(key, program);
      }
      return program;
    };
    return Object.create(original, {
      createProgram: { value: createProgram, enumerable: true },
    }) as TypeScript;
  };

  const typescript = requireReplacing(entry, keepingPrograms);
  return state;
}

function leanProgram(
  ts: TypeScript,
  files: string[],
  options: CompilerOptions,
  sdkRoot: string,
): Program {
  const leanOptions = { ...options, lib: ["lib.es2022.d.ts"], types: [] };
  const host = ts.createCompilerHost(leanOptions);
  const lean: CompilerHost = {
    ...host,
    getSourceFile: (file, target, ...rest) =>
      host.getSourceFile(
        file,
        {
          ...(typeof target === "object" ? target : { languageVersion: target }),
          jsDocParsingMode: file.endsWith(".d.ts")
            ? ts.JSDocParsingMode.ParseNone
            : ts.JSDocParsingMode.ParseAll,
        },
        ...rest,
      ),
    resolveModuleNameLiterals: (literals, containing) =>
      literals.map(({ text }) => {
        const wanted =
          text.startsWith(".") ||
          (text.startsWith("@dagger.io/dagger") && !containing.startsWith(sdkRoot + sep));
        return wanted
          ? ts.resolveModuleName(text, containing, leanOptions, host)
          : { resolvedModule: undefined };
      }),
  };
  return ts.createProgram(files, leanOptions, lean);
}

/**
 * Requires a CommonJS file so that whoever imports it later gets what `replace` makes of it.
 * TypeScript's properties are read-only, so its exports are replaced as a whole, which counts only
 * while the file is being loaded.
 */
function requireReplacing(
  entry: string,
  replace: (original: TypeScript) => TypeScript,
): TypeScript {
  const require = createRequire(import.meta.url);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Node 20 has no other hook for require
  const loaders = require.extensions;
  const load = loaders[".js"];
  loaders[".js"] = (module, filename) => {
    load(module, filename);
    if (filename === entry) module.exports = replace(module.exports as TypeScript);
  };
  try {
    return require(entry) as TypeScript;
  } finally {
    loaders[".js"] = load;
  }
}
