import { accessSync, constants, realpathSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { SluiceError } from "../../core/error.ts";
import { sluicePackage } from "../package-root.ts";
import type { EngineChoice } from "../options.ts";

/** The engine that a command runs on; `dagger` says where its program is. */
export type Engine = { kind: "embedded" } | { kind: "dagger"; program: string };

/** `auto` takes Dagger where it is installed. Throws `DAGGER_NOT_FOUND` when it is asked for and isn't. */
export function chooseEngine(choice: EngineChoice, env: NodeJS.ProcessEnv): Engine {
  if (choice === "embedded") return { kind: "embedded" };
  const program = findProgram("dagger", env.PATH ?? "");
  if (program !== undefined) return { kind: "dagger", program };
  if (choice === "auto") return { kind: "embedded" };
  throw new SluiceError("DAGGER_NOT_FOUND", "there is no `dagger` on the PATH", {
    hint: "Install Dagger (https://docs.dagger.io/install), or use `--engine embedded`.",
  });
}

/** The first executable of that name, unless it is this launcher under another name. */
function findProgram(name: string, path: string): string | undefined {
  const own = realpathSync(sluicePackage().dir);
  return path
    .split(delimiter)
    .filter((dir) => dir !== "")
    .map((dir) => join(dir, name))
    .find((file) => isExecutable(file) && !realpathSync(file).startsWith(join(own, "bin")));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
