/** Says in one line when the module was last run on a real engine, and what changed since then. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const file = `${root}docs/reference/real-engine.json`;
const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

function age() {
  if (!existsSync(file)) return "never run on a real engine: test/real-engine";
  const { date, dagger, commit, passed, failed } = JSON.parse(readFileSync(file, "utf8"));
  const run = `last run on a real engine (Dagger ${dagger}) on ${date}: ${passed} passed, ${failed} failed`;
  try {
    const commits = git("rev-list", "--count", `${commit}..HEAD`);
    const files = git("diff", "--name-only", commit, "--", ".dagger").split("\n").filter(Boolean);
    return `${run}; ${commits} commits and ${files.length} files of .dagger ago`;
  } catch {
    return `${run}; how long ago can't be told: this clone doesn't have commit ${commit.slice(0, 12)}`;
  }
}
console.log(age());
