import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Directory } from "@dagger.io/dagger";
import { temporaryFolder } from "../git/temporary.ts";

/**
 * The files of a directory by path. Texts come without secrets; links are left out, since what they
 * point to is not in it.
 */
export async function leftFiles(
  directory: Directory,
  scrub: (text: string) => string,
): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>();
  if ((await directory.entries()).length === 0) return files;
  const folder = await temporaryFolder("step");
  try {
    await directory.export(folder.path);
    const entries = await readdir(folder.path, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      const content = await readFile(path);
      files.set(path.slice(folder.path.length + 1), textOf(content, scrub) ?? content);
    }
    return files;
  } finally {
    await folder.remove();
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function textOf(content: Uint8Array, scrub: (text: string) => string): string | undefined {
  try {
    return scrub(utf8.decode(content));
  } catch {
    return undefined;
  }
}
