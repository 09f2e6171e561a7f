import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import type { Caller } from "../../core/caller.ts";

/** A path of the caller's file system: relative ones start at its working directory, `~` at home. */
export function hostPath(caller: Caller, path: string): string {
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return isAbsolute(path) ? resolve(path) : resolve(caller.cwd, path);
}
