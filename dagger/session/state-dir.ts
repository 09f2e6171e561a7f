import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where engine state lives: `$SLUICE_HOME`, else `sluice` in the user's cache directory. */
export function stateDirectory(env: NodeJS.ProcessEnv = process.env): string {
  if (env.SLUICE_HOME) return resolve(env.SLUICE_HOME);
  return join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "sluice");
}
