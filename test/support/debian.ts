import { execFile } from "node:child_process";
import { access, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
/** What tests need of other people's programs is kept here from one run to the next. */
export const tools = join(tmpdir(), "sluice-test-tools");

// Lists may be missing or old: they are fetched only if the package can't be had without.
const download = 'apt-get download "$@" || { apt-get update && apt-get download "$@"; }';

/** Folder with the files of Debian packages, which are not installed. */
export async function debianFiles(...packages: string[]): Promise<string> {
  const home = join(tools, `debian-${packages.join("-")}`);
  if (await exists(home)) return home;
  await mkdir(tools, { recursive: true });
  const work = await mkdtemp(join(tools, "package-"));
  try {
    await run("sh", ["-c", download, "sh", ...packages], { cwd: work });
    for (const deb of (await readdir(work)).filter((name) => name.endsWith(".deb"))) {
      await run("dpkg-deb", ["-x", join(work, deb), join(work, "root")]);
    }
    // Test files run beside each other: another one may have been faster.
    await rename(join(work, "root"), home).catch(() => access(home));
    return home;
  } catch (error) {
    const names = packages.join(" ");
    throw new Error(`these tests need ${names}: apt-get install ${names}`, { cause: error });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A file of this machine, or of the package that brings it. */
export async function debianFile(path: string, name: string): Promise<string> {
  return (await exists(path)) ? path : join(await debianFiles(name), path);
}

export function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
