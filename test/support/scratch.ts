import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A host directory with the given files, removed when the test ends. A name that ends in `/` is a directory. */
export async function scratch(files: Record<string, string | Uint8Array> = {}): Promise<string> {
  const root = await mkdtemp(join(realpathSync(tmpdir()), "sluice-test-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    if (name.endsWith("/")) {
      await mkdir(path, { recursive: true });
      continue;
    }
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  return root;
}
