import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dag, type Directory } from "@dagger.io/dagger";

/**
 * Puts files into a directory, byte by byte; `withNewFile` takes text only, and would change what is
 * no UTF-8. They go by way of the function's own file system, from where an engine takes them as they
 * are: works in functions of a module only.
 *
 * @param files by path below the directory
 */
export function withBinaryFiles(
  directory: Directory,
  files: Readonly<Record<string, string | Uint8Array>>,
): Directory {
  // An engine may answer for a path it has read before with what was there then.
  const folder = `sluice-files-${randomUUID()}`;
  mkdirSync(folder);
  for (const [path, content] of Object.entries(files)) {
    const target = join(folder, join("/", path));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  return directory.withDirectory(".", dag.currentModule().workdir(folder));
}
