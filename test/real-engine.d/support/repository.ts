import { mkdtemp, rm } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { nonce } from "../../support/containers.ts";
import { printed, root, run } from "./engine.ts";

/** A folder that the test removes when it ends. */
export async function folder(): Promise<string> {
  const path = await mkdtemp(join(realpathSync(tmpdir()), "sluice-real-engine-"));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The example stack as a repository, its pipeline under a name that no other run has. */
export async function stack(): Promise<{ dir: string; pipeline: string }> {
  const dir = await folder();
  const pipeline = `real-${nonce()}`;
  await printed(run(`${root}examples/make-repository`, [dir, pipeline]));
  return { dir, pipeline };
}
