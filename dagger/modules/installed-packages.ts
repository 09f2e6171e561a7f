import { constants } from "node:fs";
import { copyFile, link, mkdir, readdir, readFile, symlink, readlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";

const lockfile = z.looseObject({
  packages: z
    .record(
      z.string(),
      z.looseObject({
        version: z.string().optional(),
        dev: z.boolean().default(false),
        optional: z.boolean().default(false),
        link: z.boolean().default(false),
      }),
    )
    .default({}),
});

/**
 * Copies what npm's `lock` lists, packages for development left out, from the installed `own`.
 * Answers false when something is missing there or has another version than the lock file says.
 */
export async function copyInstalled(
  own: string,
  needed: readonly string[],
  lock: string,
  target: string,
): Promise<boolean> {
  const listed = lockfile.safeParse(lock === "" ? {} : JSON.parse(lock)).data?.packages ?? {};
  if (!needed.every((name) => `node_modules/${name}` in listed)) return false;
  for (const [path, entry] of Object.entries(listed)) {
    if (path === "" || entry.dev) continue;
    // Outside `node_modules` are folders of the repository, which the lock file links to.
    if (entry.link || !path.startsWith("node_modules/")) return false;
    const from = join(dirname(own), path);
    const text = await readText(join(from, "package.json"));
    if (text === undefined && entry.optional) continue;
    if (text === undefined || versionIn(text) !== entry.version) return false;
    await copy(from, join(dirname(target), path), "node_modules");
  }
  return true;
}

function versionIn(text: string): string | undefined {
  return z.looseObject({ version: z.string() }).safeParse(JSON.parse(text)).data?.version;
}

/** Links files where it can: packages are large, and npm replaces files instead of changing them. */
async function copy(from: string, to: string, except?: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const item of await readdir(from, { withFileTypes: true })) {
    if (item.name === except) continue;
    const [source, copied] = [join(from, item.name), join(to, item.name)];
    if (item.isDirectory()) await copy(source, copied);
    else if (item.isSymbolicLink()) await symlink(await readlink(source), copied);
    else
      await link(source, copied).catch(() => copyFile(source, copied, constants.COPYFILE_FICLONE));
  }
}

/** Undefined when there is no such file. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
