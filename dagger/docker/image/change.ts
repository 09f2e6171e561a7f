import { posix } from "node:path";
import type { Readable } from "node:stream";
import { SluiceError } from "../../core/error.ts";
import { tarFromTree } from "../../content/tar.ts";
import type { Tree } from "../../content/tree.ts";
import { isNotFound } from "../daemon/errors.ts";
import { commit } from "../process/commit.ts";
import { createContainer, waitForExit } from "../process/containers.ts";
import { prepareMounts } from "../process/mounts.ts";
import { demultiplex } from "../process/output.ts";
import { startAttached } from "../process/start.ts";
import { removeContainer } from "../sweep.ts";
import { directoryTar } from "../tar.ts";
import type { RootfsChange } from "../types.ts";
import type { Workshop } from "../workshop.ts";
import { pathStat } from "./paths.ts";

/** Mounted below /dev, which is a tmpfs in every container: no trace of it gets into the image. */
const TOOLBOX = "/dev/.sluice/busybox";

/** Applies changes to an image's root file system, in order; answers the id of the new image. */
export async function change(
  workshop: Workshop,
  image: string,
  platform: string,
  changes: readonly RootfsChange[],
): Promise<string> {
  let current = image;
  for (const group of groups(changes)) current = await apply(workshop, current, platform, group);
  return current;
}

/**
 * Puts and removals take turns, each in containers of their own. Once a container has run, the
 * daemon mounts its own files over /etc/hosts and the like; and a put into a container that mounts
 * something leaves the mount's empty target in the image.
 */
function groups(changes: readonly RootfsChange[]): RootfsChange[][] {
  const result: RootfsChange[][] = [];
  for (const step of changes) {
    const group = result.at(-1);
    if (group?.[0]?.kind === step.kind) group.push(step);
    else result.push([step]);
  }
  return result;
}

async function apply(
  workshop: Workshop,
  image: string,
  platform: string,
  changes: readonly RootfsChange[],
): Promise<string> {
  const removes = changes.some(({ kind }) => kind === "remove");
  const mounts = await prepareMounts(
    workshop,
    image,
    removes ? [{ path: TOOLBOX, readonly: true, source: await toolbox(workshop, platform) }] : [],
  );
  let id: string | undefined;
  try {
    id = await createContainer(workshop, {
      image,
      kind: "exec",
      platform,
      config: {
        Entrypoint: [TOOLBOX, "xargs", "-0", "-r", TOOLBOX, "rm", "-rf", "--"],
        Cmd: [],
        User: "0",
        WorkingDir: "/",
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        OpenStdin: true,
        StdinOnce: true,
      },
      host: { ...mounts.host, NetworkMode: "none" },
    });
    for (const step of changes) {
      if (step.kind === "put") await put(workshop, id, step.tree, step.path);
      else if (step.paths.length > 0) await remove(workshop, id, step.paths);
    }
    return await commit(workshop, id, { base: image, secretEnv: [] });
  } finally {
    if (id !== undefined) await removeContainer(workshop.daemon, id).catch(() => undefined);
    await mounts.remove().catch(() => undefined);
  }
}

async function toolbox(workshop: Workshop, platform: string) {
  const content = await workshop.toolbox(platform);
  return { kind: "secret" as const, content, mode: 0o755, uid: 0, gid: 0 };
}

/** Adds a tree at `path`; entries of another kind that are in the way are replaced. */
async function put(workshop: Workshop, id: string, tree: Tree, path: string): Promise<void> {
  const prefix = posix.join("/", path).slice(1).replace(/\/$/, "");
  try {
    await putAt(workshop, id, tree, prefix);
  } catch (error) {
    // Docker 29 does not write through a link with more `..` than there are folders above it.
    const real = await withoutLinks(workshop, id, prefix).catch(() => prefix);
    if (real === prefix) throw error;
    await putAt(workshop, id, tree, real);
  }
}

async function putAt(workshop: Workshop, id: string, tree: Tree, prefix: string): Promise<void> {
  if (prefix !== "" && !(await isDirectory(workshop, id, `/${prefix}`))) {
    await extract(workshop, id, directoryTar(prefix, tree.root));
  }
  await extract(workshop, id, tarFromTree(workshop.store, tree, { prefix }));
}

function extract({ daemon, signal }: Workshop, id: string, tar: Readable): Promise<void> {
  const query = { path: "/" };
  return daemon.call("PUT", `/containers/${id}/archive`, { query, upload: tar, signal });
}

/** Where a path leads within the container; what does not exist yet has no links. */
async function withoutLinks(workshop: Workshop, id: string, prefix: string): Promise<string> {
  let real = "/";
  for (const name of prefix.split("/")) {
    const next = posix.join(real, name);
    const stat = await pathStat(workshop, id, next).catch(() => undefined);
    real = stat?.linkTarget || next;
  }
  return real.slice(1);
}

/** True for directories and for links to directories. */
async function isDirectory(workshop: Workshop, id: string, path: string): Promise<boolean> {
  try {
    return (await pathStat(workshop, id, `${path}/.`)).isDirectory;
  } catch (error) {
    if (isNotFound(error)) return false;
    // What is there is no directory: the daemon calls asking for `file/.` a bad request.
    return false;
  }
}

async function remove(workshop: Workshop, id: string, paths: readonly string[]): Promise<void> {
  const input = Buffer.from(paths.map((path) => `${posix.join("/", path)}\0`).join(""));
  const { stream, failure } = await startAttached(workshop, id, { args: [TOOLBOX], stdin: input });
  try {
    let complaint = "";
    if (failure) throw new SluiceError("REMOVE_FAILED", failure.stderr.trim());
    stream.end(input);
    const reading = (async () => {
      for await (const { bytes } of demultiplex(stream)) complaint += bytes.toString();
    })();
    reading.catch(() => undefined);
    const exitCode = await waitForExit(workshop, id);
    await reading;
    if (exitCode !== 0) {
      throw new SluiceError(
        "REMOVE_FAILED",
        `cannot remove ${paths.join(", ")}: ${complaint.trim() || `rm ended with ${exitCode}`}`,
      );
    }
  } finally {
    stream.destroy();
  }
}
