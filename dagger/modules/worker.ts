/**
 * The process in which a module's code runs: loads the SDK, then runs its entrypoint once per call.
 * Started by `WorkerProcess`, told what to do over IPC. Imports nothing of the engine but its
 * neighbours, and is bundled with them.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadModules } from "./worker-modules.ts";
import { loadTypeScript } from "./worker-typescript.ts";
import type { FromWorker, ToWorker } from "./worker-protocol.ts";

const [sdkEntry = "", sdkDir = "", daggerRoot = "", typescriptEntry = "", tsxEntry = ""] =
  process.argv.slice(2);
/** What the process had at its start; a call leaves nothing behind for the next one. */
const environment = { ...process.env };
const typescript = loadTypeScript(typescriptEntry, daggerRoot);
const sdk = (await import(pathToFileURL(sdkEntry).href)) as {
  entrypoint: (files: string[]) => Promise<void>;
};
// Only what makes `require` work as tsx does it: its hooks for `import` would be called for each file.
const tsx = createRequire(import.meta.url)(tsxEntry) as { register: () => void };
let files: string[] = [];
let modules = (): Promise<unknown[]> => Promise.resolve([]);
// Errors name the module's own lines.
process.setSourceMapsEnabled(true);

/** Loads the module's files and their types before the first call asks for them. */
async function prepare(job: Extract<ToWorker, { kind: "prepare" }>): Promise<void> {
  files = job.files;
  process.env.TSX_TSCONFIG_PATH = join(job.path, "tsconfig.json");
  tsx.register();
  delete process.env.TSX_TSCONFIG_PATH;
  modules = await loadModules(job.path);
  typescript.lean = job.lean;
  typescript.warm(files);
}

async function call(job: Extract<ToWorker, { kind: "call" }>): Promise<void> {
  for (const name of Object.keys(process.env)) {
    if (!(name in environment)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, environment, {
    DAGGER_SESSION_PORT: String(job.port),
    DAGGER_SESSION_TOKEN: job.token,
  });
  Object.assign(globalThis, {
    [Symbol.for("dev.sluice.modules")]: job.registers ? () => [] : modules,
  });
  process.chdir(job.cwd);
  typescript.lean = job.lean;
  try {
    await sdk.entrypoint(files);
  } catch (error) {
    if (!(error instanceof SdkExit)) throw error;
  }
}

/** Thrown where the SDK would end the process. */
class SdkExit extends Error {}

/**
 * After it has reported a function's error the SDK ends its process, which has served its purpose
 * then. This one has not: it goes on with the next call. Exits that module code asks for are real.
 */
const exit = process.exit.bind(process);
process.exit = (code) => {
  const caller = new Error().stack?.split("\n")[2] ?? "";
  if (caller.includes(pathToFileURL(sdkDir).href)) throw new SdkExit();
  return exit(code);
};

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
process.on("disconnect", () => exit(1));

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error instanceof SyntaxError ? String(error) : error.message;
}
