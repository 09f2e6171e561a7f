import { existsSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { keyOf } from "../core/key.ts";

/**
 * The worker's program as plain JavaScript: a bundle of its own beside the launcher's, or, in a
 * checkout, one made from the source. Running the source through tsx would put tsx's hooks between
 * Node and every file of the SDK, which makes it load several times slower.
 */
export async function workerFile(stateDir: string): Promise<string> {
  const bundled = fileURLToPath(new URL("worker.mjs", import.meta.url));
  if (existsSync(bundled)) return bundled;
  const source = await readFile(new URL("worker.ts", import.meta.url), "utf8");
  const home = join(stateDir, "modules");
  const target = join(home, `worker-${keyOf("worker", source).slice(0, 16)}.mjs`);
  if (existsSync(target)) return target;
  const { transform } = await import("esbuild");
  const { code } = await transform(source, { loader: "ts", format: "esm", target: "node20" });
  await mkdir(home, { recursive: true });
  const draft = `${target}.${process.pid}`;
  await writeFile(draft, code);
  await rename(draft, target);
  return target;
}
