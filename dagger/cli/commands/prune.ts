import { existsSync } from "node:fs";
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SluiceError } from "../../core/error.ts";
import { stateDirectory } from "../../session/state-dir.ts";
import { write, type Context } from "../context.ts";
import { exitCode } from "../exit-code.ts";
import { isOn } from "../grammar/flags.ts";
import type { CommandRun } from "./command.ts";

/** What the engine makes in its state directory; nothing else there is touched. */
const folders = ["blobs", "cache", "layers", "modules", "tmp", "trees", "volumes"];

/** `sluice prune` */
export const run: CommandRun = async ({ context, values }) => {
  const dryRun = isOn({ values }, "dry-run");
  // Docker first: it is what knows of sessions that are at work.
  await pruneDocker(context, dryRun);
  await pruneDisk(context, dryRun);
  return exitCode.ok;
};

async function pruneDocker({ out, err }: Context, dryRun: boolean): Promise<void> {
  const [{ discover, surroundings }, { findCaches, removeCaches }, { sweepAbandoned }] =
    await Promise.all([
      import("../../docker/discovery/discover.ts"),
      import("../../docker/prune.ts"),
      import("../../docker/sweep.ts"),
    ]);
  const found = await discover(surroundings()).catch((error: unknown) => {
    if (error instanceof SluiceError && error.code === "DOCKER_UNREACHABLE") return undefined;
    throw error;
  });
  if (!found) {
    await write(err, "No container runtime answers: only the caches on disk are looked at.\n");
    return;
  }
  const { daemon } = found;
  try {
    const caches = await findCaches(daemon);
    if (caches.liveSessions.length > 0 && !dryRun) {
      throw new SluiceError(
        "SESSIONS_RUNNING",
        `nothing was removed: ${caches.liveSessions.length} session(s) are running`,
        { hint: "Wait until they have ended, then run it again." },
      );
    }
    const size = formatBytes(caches.images.reduce((sum, image) => sum + image.size, 0));
    if (dryRun) {
      const { volumes, images } = caches;
      await write(out, `docker: ${volumes.length} cache volumes\n`);
      await write(out, `docker: ${images.length} images of results (${size} with shared layers)\n`);
      return;
    }
    await sweepAbandoned(daemon);
    const removed = await removeCaches(daemon, caches);
    await write(out, `docker: removed ${removed.volumes} cache volumes\n`);
    await write(out, `docker: removed ${removed.images} images of results\n`);
  } finally {
    daemon.destroy();
  }
}

async function pruneDisk({ out, env }: Context, dryRun: boolean): Promise<void> {
  const dir = stateDirectory(env);
  for (const folder of folders) {
    const path = join(dir, folder);
    if (!existsSync(path)) continue;
    const size = formatBytes(await sizeOf(path));
    if (!dryRun) await rm(path, { recursive: true, force: true });
    await write(out, `${path}: ${dryRun ? "" : "removed "}${size}\n`);
  }
}

/** Bytes of all files below; what goes away meanwhile counts nothing. */
async function sizeOf(dir: string): Promise<number> {
  const items = await readdir(dir, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    items
      .filter((item) => item.isFile())
      .map((item) =>
        stat(join(item.parentPath, item.name)).then(
          (stats) => stats.size,
          () => 0,
        ),
      ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit] ?? ""}`;
}
