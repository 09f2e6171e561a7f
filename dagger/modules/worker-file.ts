import { existsSync } from "node:fs";
import { mkdir, readFile, rename } from "node:fs/promises";
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
  const sources = ["worker.ts", "worker-modules.ts", "worker-typescript.ts"].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  const texts = await Promise.all(sources.map((file) => readFile(file, "utf8")));
  const home = join(stateDir, "modules");
  const target = join(home, `worker-${keyOf("worker", texts).slice(0, 16)}.mjs`);
  if (existsSync(target)) return target;
  const { build } = await import("esbuild");
  await mkdir(home, { recursive: true });
  const draft = `${target}.${process.pid}`;
  await build({
    entryPoints: sources.slice(0, 1),
    outfile: draft,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20",
    logLevel: "silent",
  });
  await rename(draft, target);
  return target;
}
