import { execFileSync } from "node:child_process";
import { root } from "./engine.ts";

/** What stands for the module's content: git's own id of its folder in the last commit. */
export function digestOfModule(commit = "HEAD"): string {
  return execFileSync("git", ["rev-parse", `${commit}:.dagger`], {
    cwd: root,
    encoding: "utf8",
  }).trim();
}
