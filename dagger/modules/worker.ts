/**
 * The process in which a module's code runs: loads the SDK, then runs its entrypoint once per call.
 * Started by `WorkerProcess`, told what to do over IPC. Imports nothing of the engine.
 */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type { CreateProgramOptions, Program } from "typescript";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

type TypeScript = typeof import("typescript");

const [daggerEntry = "", typescriptEntry = "", tsxApi = ""] = process.argv.slice(2);
/** What the process had at its start; a call leaves nothing behind for the next one. */
const environment = { ...process.env };

/**
 * The SDK parses and binds the module, the API's typings and TypeScript's own libraries anew for
 * each call, which takes longer than most functions. The files never change while this process
 * lives, so the first program serves all calls. The SDK reads it only.
 */
function keepingPrograms(original: TypeScript): TypeScript {
  const programs = new Map<string, Program>();
  const createProgram = (files: readonly string[] | CreateProgramOptions, ...rest: unknown[]) => {
    const key = JSON.stringify([files, rest[0]]);
    let program = programs.get(key);
    if (!program) {
      program = (original.createProgram as (...args: unknown[]) => Program)(files, ...rest);
      programs.set(key, program);
    }
    return program;
  };
  return Object.create(original, {
    createProgram: { value: createProgram, enumerable: true },
  }) as TypeScript;
}

/**
 * Loads TypeScript so that whoever imports it gets the version above. Its properties are read-only,
 * so the exports are replaced, which counts only while the file is being loaded.
 */
function loadTypeScript(): TypeScript {
  const require = createRequire(import.meta.url);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- Node 20 has no other hook for require
  const loaders = require.extensions;
  const load = loaders[".js"];
  loaders[".js"] = (module, filename) => {
    load(module, filename);
    if (filename === typescriptEntry) {
      module.exports = keepingPrograms(module.exports as TypeScript);
    }
  };
  try {
    return require(typescriptEntry) as TypeScript;
  } finally {
    loaders[".js"] = load;
  }
}

const typescript = loadTypeScript();
const sdk = (await import(pathToFileURL(daggerEntry).href)) as {
  entrypoint: (files: string[]) => Promise<void>;
};
let files: string[] = [];

/** Loads the module's files and their types before the first call asks for them. */
async function prepare(job: Extract<ToWorker, { kind: "prepare" }>): Promise<void> {
  files = job.files;
  // Only now: the hooks would slow down the loading of the SDK.
  const tsx = (await import(pathToFileURL(tsxApi).href)) as {
    register: (options: { tsconfig: string }) => unknown;
  };
  tsx.register({ tsconfig: job.tsconfig });
  await Promise.all(files.map((file) => import(file)));
  // The options are the SDK's; with others it would make a program of its own, only later.
  typescript
    .createProgram(files, {
      experimentalDecorators: true,
      // eslint-disable-next-line @typescript-eslint/no-deprecated -- what the SDK asks for
      moduleResolution: typescript.ModuleResolutionKind.Node10,
      target: typescript.ScriptTarget.ES2022,
    })
    .getTypeChecker();
}

async function call(job: Extract<ToWorker, { kind: "call" }>): Promise<void> {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, environment, {
    DAGGER_SESSION_PORT: String(job.port),
    DAGGER_SESSION_TOKEN: job.token,
  });
  process.chdir(job.cwd);
  await sdk.entrypoint(files);
}

function send(message: FromWorker): void {
  process.send?.(message);
}

process.on("message", (job: ToWorker) => {
  const work = job.kind === "prepare" ? prepare(job) : call(job);
  work.then(
    () => send({ kind: "done" }),
    (error: unknown) => send({ kind: "failed", message: textOf(error) }),
  );
});
// The engine is gone: nobody is left to answer to.
process.on("disconnect", () => process.exit(1));

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message;
}
