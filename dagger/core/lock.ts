import { watch } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";

/** A holder on another machine or in another container can't be seen; look again now and then. */
const lookAgainMs = 1000;

/**
 * Runs `work` while no other process on this machine runs work under the same lock file. The lock of
 * a process that died is taken over.
 */
export async function withLock<T>(
  path: string,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  while (!(await take(path))) {
    signal.throwIfAborted();
    if (!(await holderLives(path))) await rm(path, { force: true });
    else await changeOf(path, signal);
  }
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function take(path: string): Promise<boolean> {
  try {
    await writeFile(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

async function holderLives(path: string): Promise<boolean> {
  const pid = Number(await readFile(path, "utf8").catch(() => ""));
  // Empty: just created, its pid not yet written.
  if (!pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function changeOf(path: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = () => {
      watcher.close();
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const watcher = watch(dirname(path), (_, name) => {
      if (name === basename(path)) done();
    });
    watcher.on("error", done);
    const timer = setTimeout(done, lookAgainMs);
    signal.addEventListener("abort", done, { once: true });
  });
}
