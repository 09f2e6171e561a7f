import type { GraphQLSchema } from "graphql";
import type { Api } from "../api/define.ts";
import { SluiceError } from "../core/error.ts";
import { keyOf } from "../core/key.ts";
import type { Session } from "../core/session.ts";
import { Draft, type ModuleDraft } from "./api/drafts.ts";
import { findModule, isGitReference } from "./config.ts";
import { defineModule } from "./define-module.ts";
import { ModuleRuntime, type Door } from "./runtime.ts";
import { prepareRuntimeDir } from "./runtime-dir.ts";
import { serveModule } from "./serve.ts";
import { moduleDef, type ModuleDef } from "./typedefs.ts";
import { WorkerPool } from "./worker-pool.ts";

/** The parts of an open session that a module is loaded into. */
export interface ModuleHost {
  session: Session;
  api: Api;
  server: Door;
}

/**
 * Loads the module at `path` (absolute, or a directory below it), adds its types to the served API
 * and answers what they are. They are known from an earlier run unless something changed; then only
 * a worker is warmed up. Throws `MODULE_NOT_FOUND`, `INVALID_MODULE`, `UNSUPPORTED_MODULE`,
 * `NPM_FAILED`, `MODULE_FAILED` or `MODULE_CRASHED`.
 */
export async function loadModule(
  { session, api, server }: ModuleHost,
  path: string,
): Promise<ModuleDef> {
  if (isGitReference(path)) {
    throw new SluiceError(
      "UNSUPPORTED_MODULE",
      `module ${path}: modules in git repositories are not supported by the embedded engine`,
      { hint: "Clone the repository and name the directory, or run it with `--engine dagger`." },
    );
  }
  const config = await findModule(path);
  const pool = await WorkerPool.warm(session);
  const core = api.schema;
  const dir = await prepareRuntimeDir(session, core, config);
  pool.prepare(dir);
  const runtime = new ModuleRuntime(session, config, dir, pool, server);
  const definition = await definitionOf(session, runtime, core);
  serveModule(api, definition, runtime);
  return definition;
}

async function definitionOf(
  session: Session,
  runtime: ModuleRuntime,
  core: GraphQLSchema,
): Promise<ModuleDef> {
  const key = keyOf("module-definition", 1, runtime.dir.key);
  const known = await session.cache.get(key, moduleDef);
  if (known) return known;
  const node = session.load(await runtime.register());
  if (!(node instanceof Draft) || node.typeName !== "Module") {
    throw new SluiceError("INVALID_MODULE", `the SDK registered a ${node.typeName}, not a module`);
  }
  const made = defineModule(runtime.config.name, node.value as ModuleDraft, core);
  await session.cache.set(key, made);
  return made;
}
