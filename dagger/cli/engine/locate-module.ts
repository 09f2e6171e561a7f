import { existsSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../../core/error.ts";
import { sluicePackage } from "../package-root.ts";

export interface ModuleLocation {
  /** Absolute path of the directory that holds `dagger.json`. */
  dir: string;
  /**
   * The user's project, when the module is Sluice's own and lives elsewhere: given to the module as
   * `--source`, because its default is the repository that the module itself is in.
   */
  project?: string;
}

/**
 * Which module a command is about: `mod` when given (`sluice` is the one installed with the
 * launcher), else the nearest `dagger.json` upwards, else Sluice's own. Throws `MODULE_NOT_FOUND`.
 */
export function locateModule(cwd: string, mod: string | undefined): ModuleLocation {
  const own = sluicePackage().dir;
  if (mod !== undefined && !(mod === "sluice" && !existsSync(resolve(cwd, mod)))) {
    return { dir: givenModule(cwd, mod) };
  }
  const dir = mod === undefined ? (upwards(cwd, "dagger.json") ?? own) : own;
  if (realpathSync(dir) !== realpathSync(own)) return { dir };
  const project = projectRoot(cwd);
  return realpathSync(project) === realpathSync(own) ? { dir } : { dir, project };
}

function givenModule(cwd: string, mod: string): string {
  const path = resolve(cwd, mod.replace(/^file:\/\//, ""));
  const dir = path.endsWith("dagger.json") ? dirname(path) : path;
  if (statSync(join(dir, "dagger.json"), { throwIfNoEntry: false })?.isFile()) return dir;
  throw new SluiceError(
    "MODULE_NOT_FOUND",
    `no module at ${mod}: ${join(dir, "dagger.json")} does not exist`,
    {
      hint: "Give the directory of a dagger.json; for a module on a git server use `--engine dagger`.",
    },
  );
}

/** The directory that is released: that of the nearest `release.yaml`, else the repository, else `cwd`. */
export function projectRoot(cwd: string): string {
  return upwards(cwd, "release.yaml") ?? upwards(cwd, ".git") ?? cwd;
}

/** The nearest directory from `from` upwards that has `name`; a repository's root is the last one looked at. */
function upwards(from: string, name: string): string | undefined {
  if (existsSync(join(from, name))) return from;
  const parent = dirname(from);
  if (parent === from || existsSync(join(from, ".git"))) return undefined;
  return upwards(parent, name);
}
