import type { Api } from "../api/define.ts";
import { SluiceError } from "../core/error.ts";
import type { Session } from "../core/session.ts";
import { findModule, isGitReference } from "./config.ts";
import { registrationOf } from "./registration.ts";
import { ModuleRuntime, type Door } from "./runtime.ts";
import { prepareRuntimeDir } from "./runtime-dir.ts";
import { serveModule } from "./serve.ts";
import type { ModuleDef } from "./typedefs.ts";
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
  const dir = await prepareRuntimeDir(session, api.schema, config);
  const runtime = new ModuleRuntime(session, config, dir, pool, server);
  const { definition } = await registrationOf(session, runtime, api.schema);
  serveModule(api, definition, runtime);
  return definition;
}
